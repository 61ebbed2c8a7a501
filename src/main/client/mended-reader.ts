/* oxlint-disable no-underscore-dangle -- the names that the package gave its methods */
import type { RemoteInfo, Socket } from "node:dgram";
import createOptions, { type GlobalOptions } from "tftp/lib/create-options.js";
import Reader from "tftp/lib/protocol/client/reader.js";
import { FetchFailed, type FetchRequest } from "./fetch-request.ts";
import { openClientSockets } from "./client-sockets.ts";

/** Fits into an Ethernet frame over IPv6 too, with room for a tunnel. */
const BLOCK_SIZE = 1_428;

/**
 * 8 s of silence altogether. In ms, and over 255: the package sends it as `timeout`, which is in seconds (RFC 2349).
 */
const TIMEOUT = 500;
const RETRIES = 15;
/** The same with a timeout that was asked for. */
const RETRIES_OF_TIMEOUT = 5;

const ERROR_PREFIX = /^\(Server\) /;
const OACK = 6;

export type Done = (error: unknown, bytes?: number) => void;

/**
 * The package's protocol engine, without its stream and its file names: the stream is closed before it ends, which
 * every consumer of streams takes for a failure, and names lose their multi-byte characters. What else is overridden
 * here works around a defect of version 0.1.2, the last one.
 */
export class MendedReader extends Reader {
  readonly #request: FetchRequest;
  #done: Done | undefined;
  /** Open, and about to be the package's. */
  #opened: Socket | null = null;
  #bytes = 0;
  #total: number | undefined;
  #refusal: FetchFailed | undefined;

  constructor(request: FetchRequest, host: string, windowSize: number, done: Done) {
    super({
      // Its encoding is latin1, byte for byte.
      file: Buffer.from(request.file).toString("latin1"),
      globalOptions: optionsOf(request, host, windowSize),
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
    if (this.#done) void this.#openOwn(extensions);
  }

  async #openOwn(extensions?: boolean): Promise<void> {
    try {
      const { socket, errors } = await openClientSockets(this._address, this._port);
      errors?.on("error", (error) => this.#onIcmpError(error));
      this.#opened = socket;
    } catch (error) {
      return this.#settle(new FetchFailed((error as Error).message));
    }
    if (this.#done) super._open(extensions);
    else this.#opened.close();
  }

  /** Hands over the socket that was opened, for the package would open one of its own. */
  override _initSocket(_socket: Socket | null, onMessage: (bytes: Buffer, peer: RemoteInfo) => void): void {
    super._initSocket(this.#opened, onMessage);
  }

  /**
   * A request that cannot be sent would be sent in vain until the time is out. Of what comes later a datagram that
   * was not sent is a datagram that was lost.
   */
  override _send(packet: Buffer, sent?: (error: Error | null) => void): void {
    super._send(packet, sent ?? ((error) => error && this._oackExpected && this._close(error)));
  }

  /** Later ones say nothing about the transfer, which has a port of its own. */
  #onIcmpError(error: NodeJS.ErrnoException): void {
    if (this._oackExpected) this._close(new Error(describe(error, this.#request.port)));
  }

  /** A repeated OACK (ours was the ACK that got lost) would end the transfer. */
  override _onMessage(packet: Buffer): void {
    if (packet.readUInt16BE(0) !== OACK || this._oackExpected) super._onMessage(packet);
  }

  /**
   * Sizes of 2 GiB and more overflow, and are denied. The server's timeout would be taken for milliseconds; it is the one
   * that was asked for.
   */
  override _onOackMessage({ tsize, timeout: _, ...options }: Readonly<Record<string, string>>): void {
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

function optionsOf(request: FetchRequest, host: string, windowSize: number): GlobalOptions {
  const { port, blockSize = BLOCK_SIZE, timeoutSeconds } = request;
  const common = { host, port, blockSize, windowSize };
  if (timeoutSeconds === undefined) return createOptions({ ...common, timeout: TIMEOUT, retries: RETRIES });
  const options = createOptions({ ...common, timeout: timeoutSeconds * 1_000, retries: RETRIES_OF_TIMEOUT });
  // Its own timeout is in milliseconds, and it sends that number.
  const text = String(timeoutSeconds);
  options.extensionsLength += text.length - options.extensionsString.timeout.length;
  options.extensionsString.timeout = text;
  return options;
}

/** What an ICMP error says about the request (RFC 792). */
function describe({ code, message }: NodeJS.ErrnoException, port: number): string {
  if (code === "ECONNREFUSED") return `nothing listens on UDP port ${port} there (ICMP port unreachable)`;
  if (code === "EHOSTUNREACH" || code === "ENETUNREACH") return `there is no way to that host (${code})`;
  return message;
}
