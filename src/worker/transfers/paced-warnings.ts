import { toErrorInfo } from "../../contract/errors.ts";
import type { Reporter } from "./reporter.ts";

/** At most one warning in this time, in ms. */
const INTERVAL = 10_000;

/**
 * Warnings of what may happen with every datagram: the first is emitted at once, and then one for all of an interval.
 */
export class PacedWarnings {
  readonly #reporter: Pick<Reporter, "report">;
  readonly #now: () => number;
  #emittedAt = -Infinity;
  #withheld = 0;

  /** `now`: a clock in ms that never goes back. */
  constructor(reporter: Pick<Reporter, "report">, now: () => number = () => performance.now()) {
    this.#reporter = reporter;
    this.#now = now;
  }

  add(what: string, error: unknown): void {
    const now = this.#now();
    if (now - this.#emittedAt < INTERVAL) {
      this.#withheld++;
      return;
    }
    this.#emittedAt = now;
    const more = this.#withheld > 0 ? ` (${this.#withheld} more since the last warning)` : "";
    this.#withheld = 0;
    const message = `${what}: ${(error as Error).message}${more}`;
    this.#reporter.report({ type: "warning", message, cause: toErrorInfo(error) });
  }
}
