import { TftpError, type TftpErrorCode } from "../../contract/errors.ts";
import { printableText } from "../../contract/text/printable-text.ts";
import { CallFailure } from "../drivers/driver-export.ts";

/** gRPC's status codes, of those that are used here. */
export const STATUS = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;
export type StatusName = keyof typeof STATUS;

/** How a call fails, as gRPC has it. */
export interface CallStatus {
  readonly code: number;
  /** One line: it travels as a header. */
  readonly details: string;
}

const MAX_DETAILS = 1_000;

/** Their messages name paths or files of this machine: the client gets these words, and our log the message. */
const withheld: Partial<Record<TftpErrorCode, string>> = {
  ROOT_NOT_READABLE: "the directory that is served cannot be read",
  CACHE_NOT_USABLE: "the cache directory cannot be used",
  START_FAILED: "the server cannot be started",
  WORKER_CRASHED: "the server's thread died",
  SOURCE_UNAVAILABLE: "the object store cannot be used",
  STORAGE_FAILED: "the storage failed",
  NOT_REMOVED: "something could not be removed",
  INTERNAL: "an internal error",
};

/** The status for anything thrown by a call. UNKNOWN and INVALID_ARGUMENT are what the Python client prints in a line. */
export function callStatus(error: unknown): CallStatus {
  if (error instanceof CallFailure) return status(error.code, error.message);
  if (error instanceof TftpError) {
    const text = withheld[error.code] ?? error.message;
    const words = `${error.code}: ${text}${systemCode(error)}`;
    return status(error.code === "INVALID_OPTION" ? "INVALID_ARGUMENT" : "UNKNOWN", words);
  }
  return status("UNKNOWN", withoutPaths(error instanceof Error ? error.message : String(error)));
}

/** Whether our log should have the error itself. */
export function isWithheld(error: unknown): boolean {
  if (error instanceof CallFailure) return false;
  return !(error instanceof TftpError) || error.code in withheld;
}

export function status(code: StatusName, details: string): CallStatus {
  return { code: STATUS[code], details: cut(printableText(details)) };
}

/** Half a surrogate pair at its end would make grpc-js throw. */
function cut(text: string): string {
  return text.slice(0, MAX_DETAILS).replace(/[\uD800-\uDBFF]$/, "");
}

/** " (ENOSPC)" */
function systemCode({ code, cause }: TftpError): string {
  const name = (cause as { readonly code?: unknown } | undefined)?.code;
  return code in withheld && typeof name === "string" && /^E[A-Z0-9]+$/.test(name) ? ` (${name})` : "";
}

/** Node's messages quote the paths of what they are about; a path may have quotes in it, so the last one counts. */
function withoutPaths(message: string): string {
  return message.replace(/(?<!\S)'.*[/\\].*'/s, "a file");
}
