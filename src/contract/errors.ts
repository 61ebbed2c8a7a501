import { printableText } from "./text/printable-text.ts";

/**
 * Every way in which the driver can refuse or fail, each with when it happens and whether a retry is worth it. Stable:
 * callers switch on them.
 */
export const tftpErrorCodes = [
  /** start(): another socket has the port. Retry once it is free, or choose another port. */
  "ADDRESS_IN_USE",
  /** start(): no interface of this machine has the address `host`. Retry once the interface is up. */
  "ADDRESS_NOT_AVAILABLE",
  /** start(): this user may not bind the port, as one below 1024. No retry: grant it, or choose another port. */
  "PERMISSION_DENIED",
  /** start(): `rootDir` cannot be created or read. No retry before that is mended. */
  "ROOT_NOT_READABLE",
  /** An option or argument is not what was expected; the message names it, the expectation and the value. No retry. */
  "INVALID_OPTION",
  /** start() took longer than `startTimeoutMs`, as on a machine under load. Worth a retry. */
  "START_TIMEOUT",
  /**
   * start(): no thread can be spawned, a file that this package starts is not where it is looked for (in a bundle), or
   * the server fails for another reason; see `cause`. Rarely worth a retry.
   */
  "START_FAILED",
  /** The server's thread died before it answered. Worth a retry: it is restarted, unless `restart` forbids it. */
  "WORKER_CRASHED",
  /**
   * The server's thread did nothing for `watchdogMs` (its event loop did not run), and it was ended. Worth a retry, as
   * WORKER_CRASHED.
   */
  "WORKER_HUNG",
  /** The call needs a running server (class ServerNotRunning). Retry after start(). */
  "NOT_RUNNING",
  /** The driver was closed. No retry: make a new driver. */
  "CLOSED",
  /** The caller's signal, or a stop() or close(), ended the call. No retry: it was asked for. */
  "ABORTED",
  /** waitForTransfer(): no such transfer has ended in time; the message says what happened instead. Worth a retry. */
  "WAIT_TIMEOUT",
  /** probe(): the server did not answer, or not with the right bytes; see the message. Worth a retry. */
  "PROBE_FAILED",
  /** storage: the path leads out of the root, by `..` or by a symbolic link. No retry. */
  "PATH_OUTSIDE_ROOT",
  /** storage: there is no such file or directory. No retry before there is. */
  "NOT_FOUND",
  /**
   * storage: the place refuses it (permissions, read-only, not empty, another type). No retry before that is mended.
   */
  "FORBIDDEN",
  /** The object store does not answer, or the package opendal is missing. Worth a retry if the store is remote. */
  "SOURCE_UNAVAILABLE",
  /**
   * storage: the disk or the given content failed (full, I/O error); see `cause`. Worth a retry once that is mended.
   */
  "STORAGE_FAILED",
  /**
   * close(): something that storage created could not be removed; see `cause`. The journal lets a later start retry it.
   */
  "NOT_REMOVED",
  /**
   * start(): `cacheDir` cannot be created, read or written, or it belongs to another user, or others may write to it or
   * to a directory above it. No retry before that is mended.
   */
  "CACHE_NOT_USABLE",
  /** A defect of this package, or a listener that threw; see `cause`. No retry: report it. */
  "INTERNAL",
] as const;
export type TftpErrorCode = (typeof tftpErrorCodes)[number];

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

/** An error as it crosses the thread boundary: structured clone and comlink's wrapping keep neither class nor code. */
export interface ErrorInfo {
  readonly name: string;
  readonly message: string;
  /** Of a TftpError its TftpErrorCode; of a system error its errno name, such as "EADDRINUSE". */
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: ErrorInfo;
  /** True if the original was a TftpError: `toError` then makes one again. */
  readonly tftp: boolean;
}

/**
 * Flattens anything thrown, with its causes, into plain data. All text of it is printable: a message may quote what a
 * client has sent, and ends in logs, terminals and pages.
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
    // A cause may point back at its effect; eight links are enough.
    ...(thrown.cause !== undefined && depth < 8 && { cause: toErrorInfo(thrown.cause, depth + 1) }),
  };
}

/** Only the line breaks between its frames stay, and none that the message has. */
function printableStack(stack: string, message: string): string {
  const single = stack.replace(message, () => printableText(message));
  return single.split("\n").map(printableText).join("\n");
}

/**
 * What a call to another thread threw, as an error of this side: plain data from `toErrorInfo`, or an error of comlink
 * itself, such as a DataCloneError.
 */
export function thrownError(thrown: unknown): Error {
  return toError(thrown instanceof Error ? toErrorInfo(thrown) : (thrown as ErrorInfo));
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
