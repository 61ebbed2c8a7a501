/** More threads than that open files only if UV_THREADPOOL_SIZE says so: a gate that is wider than they are many. */
const WIDTH = Math.max(16, Number(process.env["UV_THREADPOOL_SIZE"]) || 0);
/** At least this many may wait before those are looked for that no client waits for any more. */
const PRUNE_AT = 1_024;

/** Whether a client still waits for the file: its request may have been evicted, or given up. */
export type IsWanted = () => boolean;

interface Waiting {
  readonly isWanted: IsWanted;
  readonly enter: () => void;
  readonly giveUp: (reason: Error) => void;
}

/**
 * Lets at most a few opens be under way. A flood of requests evicts those before it, whose opens must neither pile up
 * here nor take the turn of one that a client still waits for.
 */
export class OpenGate {
  readonly #width: number;
  #inside = 0;
  #waiting: Waiting[] = [];
  #pruneAt = PRUNE_AT;

  constructor(width: number) {
    this.#width = width;
  }

  /** How many wait for their turn: twice as many as are wanted at most, or PRUNE_AT. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** @throws {Error} if it is not wanted any more when its turn would come; and what `open` throws. */
  async through<Value>(open: () => Promise<Value>, isWanted: IsWanted = () => true): Promise<Value> {
    if (this.#inside < this.#width) this.#inside++;
    else await new Promise<void>((enter, giveUp) => this.#wait({ isWanted, enter, giveUp }));
    try {
      return await open();
    } finally {
      this.#leave();
    }
  }

  #wait(waiting: Waiting): void {
    if (this.#waiting.length >= this.#pruneAt) this.#prune();
    this.#waiting.push(waiting);
  }

  #prune(): void {
    this.#waiting = this.#waiting.filter((waiting) => waiting.isWanted() || forget(waiting));
    this.#pruneAt = Math.max(PRUNE_AT, 2 * this.#waiting.length);
  }

  #leave(): void {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      if (next.isWanted()) return next.enter();
      forget(next);
    }
    this.#inside--;
  }
}

function forget(waiting: Waiting): false {
  waiting.giveUp(new Error("no client waits for the file any more"));
  return false;
}

/**
 * For files of the file system. A file takes two descriptors while it is found and opened: a burst of requests that did
 * so all at once would use up the descriptors, and each would fail for want of its second one.
 */
export const fileGate: OpenGate = new OpenGate(WIDTH);
