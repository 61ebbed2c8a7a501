import { TftpError } from "../../contract/errors.ts";
import type { TftpEvent } from "../../contract/events/events.ts";
import type { Logger } from "../../contract/options/options.ts";

/** Reports what a listener threw: to the logger's `error`, else to process.emitWarning. */
export function reportListenerError(logger: Logger | undefined, thrown: unknown, event: TftpEvent): void {
  const message = `a listener of the event "${event.type}" failed`;
  const error = new TftpError("INTERNAL", message, { cause: thrown });
  try {
    if (logger) return logger.error({ err: thrown, event }, message);
  } catch {
    // The logger is the listener that fails: the process reports it instead.
  }
  process.emitWarning(error);
}
