import { createSocket, type Socket } from "node:dgram";
import { createHash } from "node:crypto";
import { once } from "node:events";

export interface Fetch {
  readonly port: number;
  readonly file: string;
  /** Zero: no options are asked for. */
  readonly blockSize: number;
  readonly windowSize: number;
  /** Part of the datagrams that are lost, each way, 0 to 1. */
  readonly loss: number;
  /** The board falls silent for good after so many blocks; undefined: it goes on to the end. */
  readonly dieAfter?: number | undefined;
}

export type Fetched =
  | { readonly kind: "complete"; readonly digest: string; readonly bytes: number }
  | { readonly kind: "error"; readonly code: number }
  | { readonly kind: "gave-up"; readonly blocks: number }
  | { readonly kind: "died" };

const SILENCE_MS = 700;
const GIVE_UP_MS = 15_000;

/**
 * One fetch of a board on a lossy line, as RFC 1350 and RFC 7440 say: blocks in order, on silence the last ACK again.
 */
export async function fetchFile(fetch: Fetch): Promise<Fetched> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  try {
    return await new Board(socket, fetch).run();
  } finally {
    socket.close();
  }
}

class Board {
  readonly #socket: Socket;
  readonly #fetch: Fetch;
  readonly #hash = createHash("sha256");
  #peer: number | undefined;
  #blockSize = 512;
  #windowSize = 1;
  #block = 0;
  #bytes = 0;
  #unacknowledged = 0;
  #gap = false;
  #end: (result: Fetched) => void = () => {};
  #heard = performance.now();
  #progressed = performance.now();

  constructor(socket: Socket, fetch: Fetch) {
    this.#socket = socket;
    this.#fetch = fetch;
  }

  async run(): Promise<Fetched> {
    const patience = setInterval(() => this.#insist(), 100);
    const ended = new Promise<Fetched>((resolve) => (this.#end = resolve));
    this.#socket.on("error", () => {});
    this.#socket.on("message", (bytes, from) => this.#receive(bytes, from.port));
    this.#request();
    return await ended.finally(() => clearInterval(patience));
  }

  #request(): void {
    const { file, blockSize, windowSize } = this.#fetch;
    const options = blockSize === 0 ? "" : `blksize\0${blockSize}\0windowsize\0${windowSize}\0tsize\u00000\0`;
    this.#transmit(Buffer.from(`\0\u0001${file}\0octet\0${options}`, "latin1"), this.#fetch.port);
  }

  #insist(): void {
    const now = performance.now();
    if (now - this.#progressed > GIVE_UP_MS) return this.#end({ kind: "gave-up", blocks: this.#block });
    if (now - this.#heard < SILENCE_MS) return;
    this.#heard = now;
    this.#gap = false;
    if (this.#peer === undefined) this.#request();
    else this.#acknowledge();
  }

  #receive(bytes: Buffer, from: number): void {
    if (Math.random() < this.#fetch.loss) return;
    if (this.#peer !== undefined && from !== this.#peer) return;
    this.#peer = from;
    this.#heard = performance.now();
    if (bytes[1] === 5) return this.#end({ kind: "error", code: bytes.readUInt16BE(2) });
    if (bytes[1] === 6) return this.#accept(bytes);
    if (bytes[1] === 3) this.#take(bytes.readUInt16BE(2), bytes.subarray(4));
  }

  #accept(bytes: Buffer): void {
    if (this.#block > 0) return;
    const words = bytes.toString("latin1", 2).split("\0");
    const granted = (name: string): number => Number(words[words.indexOf(name) + 1]);
    if (words.includes("blksize")) this.#blockSize = granted("blksize");
    if (words.includes("windowsize")) this.#windowSize = granted("windowsize");
    this.#acknowledge();
  }

  #take(number: number, payload: Buffer): void {
    const ahead = (number - this.#block) & 0xffff;
    if (ahead !== 1) return this.#missing(ahead);
    this.#block++;
    this.#gap = false;
    this.#progressed = this.#heard;
    this.#bytes += payload.length;
    this.#hash.update(payload);
    const last = payload.length < this.#blockSize;
    if (this.#block === this.#fetch.dieAfter && !last) return this.#end({ kind: "died" });
    if (last || ++this.#unacknowledged >= this.#windowSize) this.#acknowledge();
    // A lost last ACK is the server's to wait for: it ends as "unconfirmed".
    if (last) this.#end({ kind: "complete", digest: this.#hash.digest("hex"), bytes: this.#bytes });
  }

  /** RFC 7440 section 4: the last block in order is acknowledged once for each gap. */
  #missing(ahead: number): void {
    if (ahead > 0x7fff || ahead === 0 || this.#gap) return;
    this.#gap = true;
    if (this.#windowSize > 1) this.#acknowledge();
  }

  #acknowledge(): void {
    this.#unacknowledged = 0;
    const block = this.#block & 0xffff;
    this.#transmit(Buffer.of(0, 4, block >> 8, block & 0xff), this.#peer as number);
  }

  #transmit(bytes: Buffer, port: number): void {
    if (Math.random() >= this.#fetch.loss) this.#socket.send(bytes, port, "127.0.0.1", () => {});
  }
}
