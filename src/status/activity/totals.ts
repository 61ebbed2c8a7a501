import type { TftpEvent } from "../../contract/events/events.ts";
import type { TransferOutcome } from "../../contract/events/outcomes.ts";
import { outcomeWords } from "../text/words.ts";

/** A counter as people read it. */
export interface Total {
  readonly name: string;
  readonly count: number;
}

/** What has been counted since the start. */
export class Totals {
  /** Acknowledged by transfers that have ended, in bytes. */
  bytes = 0;
  #refused = 0;
  #dropped = 0;
  /** Events that were not reported, of whatever type. */
  #lost = 0;
  readonly #ended = new Map<TransferOutcome, number>();

  apply(event: TftpEvent): void {
    if (event.type === "refused") this.#refused += event.count ?? 1;
    if (event.type === "dropped") this.#dropped += event.count;
    if (event.type === "lost") this.#lost += event.count;
    if (event.type !== "transfer-ended") return;
    this.bytes += event.bytes;
    this.#ended.set(event.outcome, (this.#ended.get(event.outcome) ?? 0) + 1);
  }

  /** Complete, failed, refused and dropped always; the rest if there are any. */
  get list(): readonly Total[] {
    const outcomes = (Object.keys(outcomeWords) as TransferOutcome[])
      .map((outcome) => ({ outcome, count: this.#ended.get(outcome) ?? 0 }))
      .filter(({ outcome, count }) => count > 0 || outcome === "complete" || outcome === "failed")
      .map(({ outcome, count }) => ({ name: wordFor(outcome, count), count }));
    const lost = this.#lost > 0 ? [{ name: "not reported", count: this.#lost }] : [];
    return [...outcomes, { name: "refused", count: this.#refused }, { name: "dropped", count: this.#dropped }, ...lost];
  }
}

function wordFor(outcome: TransferOutcome, count: number): string {
  const [one, more = one] = outcomeWords[outcome];
  return count === 1 ? one : more;
}
