import type { WriteStream } from "node:tty";

/** Alternate screen, no cursor, no wrapping: a line that is wider than thought must not push the others down. */
const ENTER = "\u001b[?1049h\u001b[?25l\u001b[?7l";
const LEAVE = "\u001b[?7h\u001b[?25h\u001b[?1049l";

/** The terminal's second screen: what was there before comes back when it is left, also where the process ends by itself. */
export class Screen {
  readonly #out: WriteStream;
  #entered = false;

  constructor(out: WriteStream) {
    this.#out = out;
  }

  get entered(): boolean {
    return this.#entered;
  }

  /** Terminals without a size (a serial line, some containers) are taken for the classic one. */
  get size(): { columns: number; rows: number } {
    return { columns: this.#out.columns || 80, rows: this.#out.rows || 24 };
  }

  enter(): void {
    if (this.#entered) return;
    this.#entered = true;
    process.on("exit", this.#onExit);
    this.#out.write(ENTER);
  }

  leave(): void {
    if (!this.#entered) return;
    this.#entered = false;
    process.off("exit", this.#onExit);
    this.#out.write(LEAVE);
  }

  /** All of it each time, in one write: that also heals what a key pressed, or another program, has left. */
  draw(lines: readonly string[]): void {
    const drawn = lines.map((line, index) => `\u001b[${index + 1};1H\u001b[2K${line}`);
    // Whatever is echoed goes to the upper left, where it can neither scroll nor stay.
    this.#out.write(`${drawn.join("")}\u001b[J\u001b[H`);
  }

  readonly #onExit = (): void => this.leave();
}
