/* oxlint-disable no-underscore-dangle -- the names that the package gave its methods */
import { lookup } from "node:dns/promises";
import createOptions from "tftp/lib/create-options.js";
import Reader from "tftp/lib/protocol/client/reader.js";

/** What to fetch, and the callbacks on the way. */
export interface FetchRequest {
  /** A name, or a numeric address. */
  readonly host: string;
  readonly port: number;
  /** In Unicode; sent as UTF-8. */
  readonly file: string;
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

/** Fits into an Ethernet frame over IPv6 too, with room for a tunnel. */
const BLOCK_SIZE = 1_428;
const WINDOW_SIZE = 16;

/**
 * 8 s of silence altogether. In ms, and over 255: the package sends it as `timeout`, which is in seconds (RFC 2349).
 */
const TIMEOUT = 500;
const RETRIES = 15;

const ERROR_PREFIX = /^\(Server\) /;
const OACK = 6;

/**
 * Fetches a file with the `tftp` package, in mode octet. Resolves with the number of bytes.
 * @throws {FetchFailed}
 * @throws the signal's reason.
 */
export async function fetchFile(request: FetchRequest): Promise<number> {
  request.signal?.throwIfAborted();
  const address = await resolveHost(request.host);
  // The package cannot end a file in a window whose block numbers wrap, but it can in lock-step.
  return (await transfer(request, address, WINDOW_SIZE)) ?? (await transfer(request, address, 1)) ?? 0;
}

/** TFTP servers are IPv4 servers, mostly: of two addresses that one is tried. */
async function resolveHost(host: string): Promise<string> {
  try {
    return (await lookup(host, { verbatim: false })).address;
  } catch {
    throw new FetchFailed(`there is no host named ${host}`);
  }
}

/** Resolves with the number of bytes; with undefined, and without any, if the block numbers of a window would wrap. */
function transfer(request: FetchRequest, address: string, windowSize: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { signal } = request;
    const abort = (): void => reader.cancel(signal?.reason);
    signal?.addEventListener("abort", abort);
    const reader = new MendedReader(request, address, windowSize, (error, bytes) => {
      signal?.removeEventListener("abort", abort);
      if (error === undefined) resolve(bytes);
      else reject(error);
    });
    if (signal?.aborted) abort();
  });
}

type Done = (error: unknown, bytes?: number) => void;

/**
 * The package's protocol engine, without its stream and its file names: the stream is closed before it ends, which
 * every consumer of streams takes for a failure, and names lose their multi-byte characters. What else is overridden
 * here works around a defect of version 0.1.2, the last one.
 */
class MendedReader extends Reader {
  readonly #request: FetchRequest;
  #done: Done | undefined;
  #bytes = 0;
  #total: number | undefined;
  #refusal: FetchFailed | undefined;

  constructor(request: FetchRequest, host: string, windowSize: number, done: Done) {
    super({
      // Its encoding is latin1, byte for byte.
      file: Buffer.from(request.file).toString("latin1"),
      globalOptions: createOptions({
        host,
        port: request.port,
        blockSize: BLOCK_SIZE,
        windowSize,
        timeout: TIMEOUT,
        retries: RETRIES,
      }),
      // Absent, an option that was not requested would end the transfer by a TypeError.
      opOptions: { userExtensions: {} },
    });
    this.#request = request;
    this.#done = done;
    // A misspelt property: without it, blocks of a window that arrive out of order stay so, and the file is corrupt.
    this._windowsSize = windowSize;
  }

  /** Sends the server an ERROR, if a transfer runs. Without a reason it ends as a transfer to be tried again. */
  cancel(reason?: unknown): void {
    this.#settle(reason);
    if (this._socket) this.abort("Aborted");
  }

  override _open(extensions?: boolean): void {
    if (this.#done) super._open(extensions);
  }

  /**
   * A request that cannot be sent would be sent in vain until the time is out. Of what comes later a datagram that
   * was not sent is a datagram that was lost.
   */
  override _send(packet: Buffer, sent?: (error: Error | null) => void): void {
    super._send(packet, sent ?? ((error) => error && this._oackExpected && this._close(error)));
  }

  /** A repeated OACK (ours was the ACK that got lost) would end the transfer. */
  override _onMessage(packet: Buffer): void {
    if (packet.readUInt16BE(0) !== OACK || this._oackExpected) super._onMessage(packet);
  }

  /** Sizes of 2 GiB and more overflow, and are denied. */
  override _onOackMessage({ tsize, ...options }: Readonly<Record<string, string>>): void {
    if (tsize !== undefined && /^\d+$/.test(tsize)) this.#total = Number(tsize);
    super._onOackMessage(options);
  }

  /** Keeps the code, which the package loses. */
  override _onErrorMessage(error: { readonly code: number; readonly message: string }): void {
    this.#refusal = new FetchFailed(`${error.message || "refused"} (TFTP error ${error.code})`, error.code);
    super._onErrorMessage(error);
  }

  override onStats({ blockSize, windowSize }: { readonly blockSize: number; readonly windowSize: number }): void {
    this.#refusal = undefined;
    if (this.#total === undefined) return;
    const wraps = this.#total / blockSize >= 65_535;
    if (wraps && windowSize > 1) this.cancel();
    else this.#request.onSize?.(this.#total);
  }

  override onData(data: Buffer): void {
    if (!this.#done) return;
    this.#bytes += data.length;
    this.#request.onData(data);
  }

  override onClose(): void {
    const short = this.#total !== undefined && this.#bytes !== this.#total;
    if (short) this.#settle(new FetchFailed(`expected ${this.#total} bytes, as tsize says, got ${this.#bytes}`));
    else this.#settle(undefined, this.#bytes);
  }

  override onError(error: Error): void {
    const message = error.message === "Timed out" ? `no answer after ${this.#bytes} bytes` : error.message;
    this.#settle(this.#refusal ?? new FetchFailed(message.replace(ERROR_PREFIX, "")));
    // If the socket itself failed it is left open, and holds the process.
    if (!this._closing) this._socket?.close();
  }

  override onAbort(): void {}

  /** Once: errors also come after the end. */
  #settle(error: unknown, bytes?: number): void {
    this.#done?.(error, bytes);
    this.#done = undefined;
  }
}
