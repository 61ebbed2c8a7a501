import type { TftpEvent } from "../../contract/events/events.ts";
import { eventText } from "../../status/text/event-text.ts";
import type { TransferMatcher } from "./transfer-filter.ts";

interface SeenEvent {
  readonly message: string;
  readonly times: number;
  /** It has the file or the client that is waited for. */
  readonly near: boolean;
}

/** At most this many different events are kept, and at most this many of them reported. */
const KEPT = 1_000;
const REPORTED = 10;

/** What happened while a call waited for another transfer: most often a wrong name, or a client that fell silent. */
export class WaitDiagnostics {
  readonly #matcher: TransferMatcher;
  readonly #seen = new Map<string, SeenEvent>();

  constructor(matcher: TransferMatcher) {
    this.#matcher = matcher;
  }

  note(event: TftpEvent): void {
    const key = keyOf(event);
    if (key === undefined) return;
    const known = this.#seen.get(key);
    if (!known && this.#seen.size >= KEPT) return;
    const times = known && !("id" in event) ? known.times + 1 : 1;
    this.#seen.set(key, { message: eventText(event), times, near: this.#isNear(event) });
  }

  /** As in "meanwhile: …". */
  describe(): string {
    const all = [...this.#seen.values()];
    if (all.length === 0) return "nothing";
    const nearFirst = [...all.filter(({ near }) => near), ...all.filter(({ near }) => !near)];
    const reported = nearFirst
      .slice(0, REPORTED)
      .map(({ message, times }) => `${message}${times > 1 ? ` (${times} times)` : ""}`);
    const more = all.length - reported.length;
    return [...reported, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
  }

  #isNear(event: TftpEvent): boolean {
    const { file, client } = this.#matcher;
    if ("file" in event && file?.(event.file)) return true;
    return "client" in event && event.client !== undefined && client?.(event.client.address) === true;
  }
}

/** Events with the same key report the same thing; undefined for an event that no board has caused. */
function keyOf(event: TftpEvent): string | undefined {
  if ("id" in event) return `${event.id}`;
  if (event.type === "refused") return `${event.reason} ${event.file} ${event.client.address}`;
  if (event.type === "dropped") return `${event.reason} ${event.client?.address}`;
  return event.type === "worker-crashed" ? event.type : undefined;
}
