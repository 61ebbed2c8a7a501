/** The channels of one listener that are not closed yet, attached or not. */
export class OpenChannels<Channel> {
  readonly #open = new Set<Channel>();
  /** Called when none is open any more. */
  readonly #waiting = new Set<() => void>();

  add(channel: Channel): void {
    this.#open.add(channel);
  }

  delete(channel: Channel): void {
    this.#open.delete(channel);
    if (this.#open.size > 0) return;
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  get isEmpty(): boolean {
    return this.#open.size === 0;
  }

  /** Resolves when none is open any more. */
  async emptied(): Promise<void> {
    if (!this.isEmpty) await new Promise<void>((resolve) => void this.#waiting.add(resolve));
  }
}
