import type { Screen } from "./screen.ts";

/** Ctrl-Z: the shell gets its screen back, and `fg` ours. */
export class Suspension {
  readonly #screen: Screen;
  readonly #onResume: () => void;

  constructor(screen: Screen, onResume: () => void) {
    this.#screen = screen;
    this.#onResume = onResume;
    process.on("SIGTSTP", this.#suspend);
    process.on("SIGCONT", this.#resume);
  }

  close(): void {
    process.off("SIGTSTP", this.#suspend);
    process.off("SIGCONT", this.#resume);
  }

  readonly #suspend = (): void => {
    this.#wasEntered = this.#screen.entered;
    this.#screen.leave();
    // With a listener of ours, SIGTSTP alone stops nothing.
    process.kill(process.pid, "SIGSTOP");
  };

  readonly #resume = (): void => {
    if (!this.#wasEntered) return;
    this.#wasEntered = false;
    this.#screen.enter();
    this.#onResume();
  };

  #wasEntered = false;
}
