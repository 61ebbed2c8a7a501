/** A wait that can be called off. */
export class Pause {
  /** Resolves after the time; rejects with the reason where it was cancelled before. */
  readonly over: Promise<void>;
  #timer!: NodeJS.Timeout;
  #reject!: (reason: Error) => void;

  /** `holdsProcess`: whether the process waits for it. */
  constructor(ms: number, holdsProcess: boolean) {
    this.over = new Promise((resolve, reject) => {
      this.#timer = setTimeout(resolve, ms);
      this.#reject = reject;
    });
    this.hold(holdsProcess);
  }

  cancel(reason: Error): void {
    clearTimeout(this.#timer);
    this.#reject(reason);
  }

  hold(process: boolean): void {
    if (process) this.#timer.ref();
    else this.#timer.unref();
  }
}
