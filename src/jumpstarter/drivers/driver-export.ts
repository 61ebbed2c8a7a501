import type { Json } from "../wire/value.ts";

/** A stream of bytes between a client and this exporter, beside the calls. */
export interface ByteStream {
  /**
   * What the client sends, until it says that it is all.
   * @throws {Error} if the stream breaks before that.
   */
  chunks(): AsyncIterable<Uint8Array>;
  /** Resolves once there is room for more. Rejects if the client is gone. */
  write(bytes: Uint8Array): Promise<void>;
  /** All was read and written: the client waits for this. */
  end(): void;
  /** Breaks it: the client sees an error. */
  fail(): void;
}

/** What was moved by one file_write or file_read. */
export interface Moved {
  readonly direction: "upload" | "download";
  readonly path: string;
  readonly bytes: number;
  readonly durationMs: number;
  /** False if it broke. */
  readonly complete: boolean;
}

/** What a call knows of its caller. */
export interface CallContext {
  /** Fires when the client cancels the call or is gone, or the session ends. */
  readonly signal: AbortSignal;
  /** The client's connection: what it opens is closed with it. */
  readonly connection: ClientConnection;
  /** The byte stream that a handle in the arguments names. */
  readonly take: (handle: Json | undefined) => ByteStream;
  readonly onMoved: (moved: Moved) => void;
}

/** One HTTP/2 connection of a client. */
export interface ClientConnection {
  /** Fires when it has ended. */
  readonly closed: AbortSignal;
}

export type Call = (args: readonly Json[], context: CallContext) => Promise<unknown>;
export type StreamingCall = (args: readonly Json[], context: CallContext) => AsyncIterable<unknown>;

/** A driver as Jumpstarter's clients see it. */
export interface DriverExport {
  /** The Python class that drives it. */
  readonly clientClass: string;
  /** Calls with one result, by their Python names. */
  readonly calls: ReadonlyMap<string, Call>;
  /** Calls with many results. */
  readonly streamingCalls: ReadonlyMap<string, StreamingCall>;
  /** Gives up what clients have opened. */
  readonly release: () => Promise<void>;
}

/** How a call is refused, by the names of gRPC's status codes; the Python client raises a class for each. */
export type CallFailureCode =
  | "INVALID_ARGUMENT"
  | "NOT_FOUND"
  | "FAILED_PRECONDITION"
  | "RESOURCE_EXHAUSTED"
  | "UNKNOWN";

/** A call that failed, with the words for the client. */
export class CallFailure extends Error {
  readonly code: CallFailureCode;

  constructor(code: CallFailureCode, message: string) {
    super(message);
    this.name = "CallFailure";
    this.code = code;
  }
}

/** `getPort` is `get_port` in Python. */
export function pythonName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
