import { printableText } from "./printable-text.ts";

/** Every way in which the driver can refuse or fail. Stable: callers switch on it. */
export type TftpErrorCode =
  | "ADDRESS_IN_USE"
  | "ADDRESS_NOT_AVAILABLE"
  | "PERMISSION_DENIED"
  | "ROOT_NOT_READABLE"
  | "INVALID_OPTION"
  | "START_TIMEOUT"
  | "START_FAILED"
  | "WORKER_CRASHED"
  | "WORKER_HUNG"
  | "NOT_RUNNING"
  | "CLOSED"
  | "ABORTED"
  | "WAIT_TIMEOUT"
  | "PROBE_FAILED"
  | "PATH_OUTSIDE_ROOT"
  | "NOT_FOUND"
  | "FORBIDDEN"
  | "SOURCE_UNAVAILABLE"
  | "STORAGE_FAILED"
  | "NOT_REMOVED"
  | "CACHE_NOT_USABLE"
  | "INTERNAL";

/** An error of this package. `code` says what happened; `cause` holds the error underneath, if there was one. */
export class TftpError extends Error {
  readonly code: TftpErrorCode;

  constructor(code: TftpErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** The call needs a running server. The counterpart of Jumpstarter's exception of that name. */
export class ServerNotRunning extends TftpError {
  constructor(message = "the TFTP server is not running", options?: { cause?: unknown }) {
    super("NOT_RUNNING", message, options);
  }
}

/** An error as it crosses the thread boundary: structured clone, and comlink's own wrapping, keep neither class nor code. */
export interface ErrorInfo {
  readonly name: string;
  readonly message: string;
  /** Of a TftpError its TftpErrorCode; of a system error its errno name, such as "EADDRINUSE". */
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: ErrorInfo;
  /** True where the original was a TftpError: `toError` then makes one again. */
  readonly tftp: boolean;
}

/**
 * Flattens anything thrown, with its causes, into plain data. All text of it is printable: a message may quote what a client
 * has sent, and ends in logs, terminals and pages.
 */
export function toErrorInfo(thrown: unknown, depth = 0): ErrorInfo {
  if (!(thrown instanceof Error)) return { name: "Error", message: printableText(String(thrown)), tftp: false };
  const code = (thrown as { code?: unknown }).code;
  return {
    name: printableText(thrown.name),
    message: printableText(thrown.message),
    tftp: thrown instanceof TftpError,
    ...(typeof code === "string" && { code }),
    ...(thrown.stack !== undefined && { stack: printableStack(thrown.stack, thrown.message) }),
    // A cause may point back at its effect; eight links tell the story.
    ...(thrown.cause !== undefined && depth < 8 && { cause: toErrorInfo(thrown.cause, depth + 1) }),
  };
}

/** Only the line breaks between its frames stay, and none that the message has. */
function printableStack(stack: string, message: string): string {
  const single = stack.replace(message, () => printableText(message));
  return single.split("\n").map(printableText).join("\n");
}

/** The inverse of `toErrorInfo`: `instanceof`, `code` and `cause` hold again on this side. */
export function toError(wire: ErrorInfo): Error {
  const options = wire.cause && { cause: toError(wire.cause) };
  const error = revive(wire, options);
  if (wire.stack !== undefined) error.stack = wire.stack;
  return error;
}

function revive(wire: ErrorInfo, options: { cause: Error } | undefined): Error {
  if (!wire.tftp) {
    const error = new Error(wire.message, options);
    error.name = wire.name;
    return wire.code === undefined ? error : Object.assign(error, { code: wire.code });
  }
  if (wire.code === "NOT_RUNNING") return new ServerNotRunning(wire.message, options);
  return new TftpError(wire.code as TftpErrorCode, wire.message, options);
}
