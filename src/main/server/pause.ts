/** A wait that can be cancelled. */
export class Pause {
  /** Resolves after the time; rejects with the reason if it was cancelled before. */
  readonly over: Promise<void>;
  #timer!: NodeJS.Timeout;
  #reject!: (reason: Error) => void;

  /** `isRef`: whether the process waits for it. */
  constructor(ms: number, isRef: boolean) {
    this.over = new Promise((resolve, reject) => {
      this.#timer = setTimeout(resolve, ms);
      this.#reject = reject;
    });
    this.setRef(isRef);
  }

  cancel(reason: Error): void {
    clearTimeout(this.#timer);
    this.#reject(reason);
  }

  setRef(isRef: boolean): void {
    if (isRef) this.#timer.ref();
    else this.#timer.unref();
  }
}
