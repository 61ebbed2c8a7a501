import type { Screen } from "./screen.ts";

/** Handles Ctrl-Z: leaves the screen before the process is suspended, and enters it again on `fg`. */
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
    // A process with a listener for SIGTSTP is not suspended by it.
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
