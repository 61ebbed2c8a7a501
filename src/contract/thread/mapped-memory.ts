/** Memory that was mapped by a system call: mmap(2). In bytes; less than 2^53. */
export interface MappedRegion {
  readonly address: number;
  readonly length: number;
}

/** The most regions that a table holds. A thread of its own has 6. */
const CAPACITY = 64;

/**
 * A thread's table of the mapped memory that stays when the thread ends, in shared memory: main finds in it what
 * a thread has left that was terminated or has crashed, and gives it to the next thread to unmap. Written by the thread
 * while it lives, and by main before and after.
 */
export class MappedMemory {
  /** Crosses the thread boundary in `workerData`: both sides then see the same words. */
  readonly shared: SharedArrayBuffer;
  /** Pairs of address and length; an address of 0 is a free place. */
  readonly #words: Float64Array;

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(CAPACITY * 2 * Float64Array.BYTES_PER_ELEMENT)) {
    this.shared = shared;
    this.#words = new Float64Array(shared);
  }

  get regions(): readonly MappedRegion[] {
    return Array.from({ length: CAPACITY }, (_, place) => ({
      address: this.#words[2 * place] ?? 0,
      length: this.#words[2 * place + 1] ?? 0,
    })).filter(({ address }) => address !== 0);
  }

  /** To be called when it is mapped. False: there is no place for it. */
  add({ address, length }: MappedRegion): boolean {
    const place = this.#placeOf(0);
    if (place < 0) return false;
    this.#words[2 * place + 1] = length;
    this.#words[2 * place] = address;
    return true;
  }

  /** To be called before it is unmapped: something else may lie there at once. */
  delete(address: number): void {
    const place = this.#placeOf(address);
    if (place >= 0) this.#words[2 * place] = 0;
  }

  #placeOf(address: number): number {
    for (let place = 0; place < CAPACITY; place++) if (this.#words[2 * place] === address) return place;
    return -1;
  }
}
