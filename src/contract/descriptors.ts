/**
 * File descriptors that the worker opened by itself, behind Node's back. A thread that is terminated cannot close them,
 * and a well-known port would stay bound: both sides see this list, and main closes what a dead thread has left.
 */
export class DescriptorLedger {
  /** Crosses the thread boundary in `workerData`: both sides then see the same list. */
  readonly shared: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(MAX_DESCRIPTORS / 8)) {
    this.shared = shared;
    this.#words = new Int32Array(shared);
  }

  /** False if the number is beyond what the list can hold; such a descriptor must not be kept. */
  add(descriptor: number): boolean {
    if (descriptor >= MAX_DESCRIPTORS) return false;
    Atomics.or(this.#words, descriptor >> 5, 1 << (descriptor & 31));
    return true;
  }

  delete(descriptor: number): void {
    Atomics.and(this.#words, descriptor >> 5, ~(1 << (descriptor & 31)));
  }

  /** Hands out every descriptor still listed, and empties the list. */
  drain(): number[] {
    const left: number[] = [];
    for (let word = 0; word < this.#words.length; word++) {
      const bits = Atomics.exchange(this.#words, word, 0);
      for (let bit = 0; bit < 32; bit++) if (bits & (1 << bit)) left.push(word * 32 + bit);
    }
    return left;
  }
}

/** The server never runs more transfers at once than it admits (65,535). */
const MAX_DESCRIPTORS = 1 << 18;
