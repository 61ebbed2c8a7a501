import { type LogMessage, type LogSource, logSources } from "../wire/messages.ts";

/** Names of Python's levels. */
export type LogLevel = "DEBUG" | "INFO" | "WARNING" | "ERROR";

const KEEP = 256;
const MAX_LINE = 4_096;

/** The last lines of a session's log. Each subscriber gets all of them, at its own pace; a slow one loses the oldest. */
export class LogRing {
  readonly #lines: LogMessage[] = [];
  /** The number of the first line that is kept. */
  #first = 0;
  readonly #waiting = new Set<() => void>();
  #ended = false;

  add(level: LogLevel, message: string, source: LogSource): void {
    for (const line of message.slice(0, MAX_LINE).split("\n")) {
      this.#lines.push({ uuid: "", severity: level, message: line, source: logSources.indexOf(source) });
    }
    const surplus = Math.max(this.#lines.length - KEEP, 0);
    this.#lines.splice(0, surplus);
    this.#first += surplus;
    this.#wake();
  }

  /** All lines that are kept, then those to come, until the ring or the signal ends it. */
  async *lines(signal: AbortSignal): AsyncGenerator<LogMessage> {
    let next = 0;
    const onAbort = (): void => this.#wake();
    signal.addEventListener("abort", onAbort);
    try {
      while (!signal.aborted) {
        next = Math.max(next, this.#first);
        const line = this.#lines[next - this.#first];
        if (line) {
          next++;
          yield line;
        } else if (this.#ended) {
          return;
        } else {
          await new Promise<void>((resolve) => this.#waiting.add(resolve));
        }
      }
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** There are no more lines. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
