import { toError } from "../../contract/errors.ts";
import type { TftpEvent } from "../../contract/events/events.ts";
import type { Logger } from "../../contract/options/options.ts";
import { eventText } from "../../status/text/event-text.ts";
import { severity } from "../../status/text/severity.ts";

/** Logs an event. A healthy boot is one info line a file, at its end; boards that probe for names are quiet. */
export function logEvent(logger: Logger, event: TftpEvent): void {
  const details = "cause" in event && event.cause ? { ...event, err: toError(event.cause) } : event;
  logger[severity(event)](details, eventText(event));
}
