/**
 * The heartbeat of the worker, in shared memory: main counts up what it asks, the worker's event loop sets what it has
 * answered. Main reads the answer without its own event loop, so that a main that was blocked finds it all the same.
 */
export class Heartbeat {
  /** Crosses the thread boundary in `workerData`: both sides then see the same words. */
  readonly shared: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)) {
    this.shared = shared;
    this.#words = new Int32Array(shared);
  }

  /** Called by main, which must also post a message, so that the worker's event loop runs. */
  ask(): void {
    Atomics.add(this.#words, ASKED, 1);
  }

  /** Called by the worker, from its event loop. */
  answer(): void {
    Atomics.store(this.#words, ANSWERED, Atomics.load(this.#words, ASKED));
  }

  /** Whether everything that was asked is answered. */
  get isAnswered(): boolean {
    return Atomics.load(this.#words, ANSWERED) === Atomics.load(this.#words, ASKED);
  }
}

const ASKED = 0;
const ANSWERED = 1;
