import { clearLine, cursorTo } from "node:readline";
import type { WriteStream } from "node:tty";
import { formatBytes, formatDuration, formatProgress } from "../../status/text/format.ts";

/** The least time between two drawings of the bar, in ms. */
const INTERVAL = 100;

/** Shows the progress of a transfer on one line of a terminal, and nothing if the output is no terminal. */
export class ProgressLine {
  readonly #out: WriteStream;
  readonly #startedAt = performance.now();
  #drawnAt = 0;
  #bytes = 0;
  #total: number | undefined;

  constructor(out: WriteStream) {
    this.#out = out;
  }

  expect(total: number): void {
    this.#total = total;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    const now = performance.now();
    if (now - this.#drawnAt < INTERVAL) return;
    this.#drawnAt = now;
    this.#draw(`${formatProgress(this.#bytes, this.#total)}  ${this.#rate}`);
  }

  /** Clears the bar, and prints the summary in its place. */
  end(summary?: string): void {
    if (summary === undefined) this.#draw("");
    else this.#draw(`${summary} in ${formatDuration(this.#elapsed)}, ${this.#rate}\n`);
  }

  get #elapsed(): number {
    return performance.now() - this.#startedAt;
  }

  get #rate(): string {
    return `${formatBytes((this.#bytes * 1_000) / this.#elapsed)}/s`;
  }

  #draw(text: string): void {
    if (!this.#out.isTTY) return;
    cursorTo(this.#out, 0);
    clearLine(this.#out, 0);
    this.#out.write(text);
  }
}
