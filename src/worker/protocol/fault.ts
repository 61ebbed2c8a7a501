import type { RefusalReason } from "../../contract/events/outcomes.ts";

/** The TFTP error codes (RFC 1350, appendix; 8 is RFC 2347). */
export const ErrorCode = {
  notDefined: 0,
  fileNotFound: 1,
  accessViolation: 2,
  illegalOperation: 4,
  optionsRefused: 8,
} as const;

/** A failure: the side that caused it, and the ERROR that the client gets, a TFTP error code and a short text. */
export interface Fault {
  readonly side: "ours" | "peer";
  readonly code: number;
  /** ASCII, and nothing about the server's own paths. */
  readonly text: string;
}

/** What each refusal of a request says on the wire. */
export const refusalFaults: Readonly<Record<RefusalReason, Fault>> = {
  "not-found": peer(ErrorCode.fileNotFound, "File not found"),
  "outside-root": peer(ErrorCode.accessViolation, "Access violation"),
  "not-a-file": peer(ErrorCode.accessViolation, "Not a regular file"),
  forbidden: peer(ErrorCode.accessViolation, "Permission denied"),
  "not-world-readable": peer(ErrorCode.accessViolation, "Permission denied"),
  "denied-by-rule": peer(ErrorCode.accessViolation, "Access violation"),
  "read-only": peer(ErrorCode.accessViolation, "Read-only server"),
  "bad-request": peer(ErrorCode.illegalOperation, "Malformed request"),
  "handler-error": ours("Cannot provide file"),
  "read-error": ours("Cannot read file"),
  "no-free-port": ours("No free port for this transfer"),
};

/** A mode that is neither octet nor netascii (RFC 1350 section 5); `mail` is obsolete (RFC 1123 section 4.2.2.1). */
export const unsupportedMode: Fault = peer(ErrorCode.illegalOperation, "Unsupported mode");

/** The content failed in mid-transfer: it could not be read, or ended before its announced size. */
export const contentFailed: Fault = ours("File changed or unreadable");

/** The content did not come in time. */
export const contentStalled: Fault = ours("Timed out reading file");

/** The server ends before the transfer did. */
export const serverStopped: Fault = ours("Server stopped");

/** A defect of ours, caught. */
export const internalError: Fault = ours("Internal error");

function peer(code: number, text: string): Fault {
  return { side: "peer", code, text };
}

function ours(text: string): Fault {
  return { side: "ours", code: ErrorCode.notDefined, text };
}
