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
