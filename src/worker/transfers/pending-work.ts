/**
 * Counts async operations in flight. While above zero the poller must not block in epoll_wait, or their callbacks would
 * be late.
 */
export class PendingWork {
  count = 0;

  async during<Value>(work: Promise<Value>): Promise<Value> {
    this.count++;
    try {
      return await work;
    } finally {
      this.count--;
    }
  }
}

/** What one holder has of it: one operation at most, however often it is said to be in flight. */
export class PendingShare {
  readonly #work: PendingWork;
  #isHeld = false;

  constructor(work: PendingWork) {
    this.#work = work;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  set isHeld(isHeld: boolean) {
    if (isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    this.#work.count += isHeld ? 1 : -1;
  }
}
