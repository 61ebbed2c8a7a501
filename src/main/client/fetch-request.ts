/** What to fetch, and the callbacks on the way. */
export interface FetchRequest {
  /** A name, or a numeric address. */
  readonly host: string;
  readonly port: number;
  /** In Unicode; sent as UTF-8. */
  readonly file: string;
  /** To ask for, in bytes, 8 to 65464 (RFC 2348). Default 1428. */
  readonly blockSize?: number | undefined;
  /** To ask for, in blocks, 1 to 65535 (RFC 7440). Default 16. */
  readonly windowSize?: number | undefined;
  /**
   * Silence before a retransmission, in seconds, 1 to 255, here and at the server (RFC 2349). Default: half a second
   * here, and the server's own.
   */
  readonly timeoutSeconds?: number | undefined;
  /** Cancels the transfer; the server gets an ERROR. */
  readonly signal?: AbortSignal;
  /** Called once, before any data, if the server reports the size, in bytes. */
  readonly onSize?: (total: number) => void;
  /** Called for each block, in order. There is no way to slow a server down: what is not taken at once must be kept. */
  readonly onData: (data: Buffer) => void;
}

/** The transfer failed. */
export class FetchFailed extends Error {
  /**
   * Of the ERROR packet that the server sent (RFC 1350, appendix); undefined if it was not the server that ended it.
   */
  readonly errorCode: number | undefined;

  constructor(message: string, errorCode?: number) {
    super(message);
    this.name = "FetchFailed";
    this.errorCode = errorCode;
  }
}
