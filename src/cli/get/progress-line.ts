import { clearLine, cursorTo } from "node:readline";
import type { WriteStream } from "node:tty";
import { formatBytes, formatDuration, formatProgress } from "../../status/format.ts";

/** The bar is drawn at most so often, in ms. */
const INTERVAL = 100;

/** One transfer's progress, on a line of its own that is drawn over; nothing where there is no terminal. */
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

  /** Wipes the bar away, and says how it went in its place. */
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
