/** How many things in this thread wait for its event loop: while there are any, nobody may sleep outside of it. */
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
