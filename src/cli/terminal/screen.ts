import type { WriteStream } from "node:tty";

/** Alternate screen, no cursor, no wrapping: a line that is wider than computed must not push the others down. */
const ENTER = "\u001b[?1049h\u001b[?25l\u001b[?7l";
const LEAVE = "\u001b[?7h\u001b[?25h\u001b[?1049l";

/** The terminal's alternate screen. Leaving it restores what was there before, also if the process exits by itself. */
export class Screen {
  readonly #out: WriteStream;
  #entered = false;

  constructor(out: WriteStream) {
    this.#out = out;
  }

  get entered(): boolean {
    return this.#entered;
  }

  /** 80 by 24 for a terminal that reports no size, such as a serial line. */
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

  /** Draws the whole screen in one write, which also removes what a key or another program has left on it. */
  draw(lines: readonly string[]): void {
    // A terminal that has stopped (Ctrl-S) gets the next one.
    if (this.#out.writableNeedDrain) return;
    const drawn = lines.map((line, index) => `\u001b[${index + 1};1H\u001b[2K${line}`);
    // Leaves the cursor in the upper left: an echoed key can neither scroll the screen nor stay on it.
    this.#out.write(`${drawn.join("")}\u001b[J\u001b[H`);
  }

  readonly #onExit = (): void => this.leave();
}
