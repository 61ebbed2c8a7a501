import type { TftpEvent, TftpEventType } from "../contract/events.ts";
import { eventText } from "./event-text.ts";

/** Events for the live view: they make no line. */
const silent: ReadonlySet<TftpEventType> = new Set<TftpEventType>(["request", "progress", "state"]);

/** One line with the time, without its end; undefined if there is nothing to say. */
export function eventLine(event: TftpEvent): string | undefined {
  if (silent.has(event.type)) return undefined;
  const time = new Date(event.at).toTimeString().slice(0, 8);
  return `${time} ${prefixOf(event)}${eventText(event)}`;
}

function prefixOf({ type }: TftpEvent): string {
  if (type === "worker-crashed") return "error: ";
  return type === "warning" || type === "lost" ? "warning: " : "";
}
