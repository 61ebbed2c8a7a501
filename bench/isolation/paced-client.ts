// Boards that take their time: windowed transfers at a given speed, so that the load needs a small part of one core.
// usage: fork paced-client.ts PORT FILE PATH MIB_PER_SECOND SECONDS; says "ready", begins
// when told to, and tells { bytes, wrong } to its parent.
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";

const BOARDS = 8;
const BLOCK = 1_468;
const WINDOW = 16;
const [port, file, path, mibPerSecond, seconds] = process.argv.slice(2) as [string, string, string, string, string];
const content = readFileSync(path);
/** Between two windows of one board, in ms. */
const pace = (WINDOW * BLOCK * BOARDS * 1_000) / (Number(mibPerSecond) * 1_024 * 1_024);
const options = ["blksize", `${BLOCK}`, "windowsize", `${WINDOW}`].join("\0");
const request = Buffer.from(`\0\u0001${file}\0octet\0${options}\0`, "latin1");

class Board {
  bytes = 0;
  wrong = 0;
  readonly #socket: Socket = createSocket("udp4");
  #server: number | undefined;
  #block = 0;
  #due = performance.now();
  #heard = this.#due;
  #over = false;

  async run(end: number): Promise<void> {
    this.#socket.bind(0, "127.0.0.1");
    await once(this.#socket, "listening");
    this.#socket.on("message", (bytes, from) => this.#receive(bytes, from.port));
    this.#begin();
    const patience = setInterval(() => this.#insist(), 500);
    await new Promise((resolve) => setTimeout(resolve, end - performance.now()));
    clearInterval(patience);
    this.#over = true;
    this.#socket.close();
  }

  #begin(): void {
    this.#server = undefined;
    this.#block = 0;
    this.#socket.send(request, Number(port), "127.0.0.1");
  }

  /** After a silence: the request again, or the last ACK. */
  #insist(): void {
    if (performance.now() - this.#heard < 1_000) return;
    if (this.#server === undefined) this.#begin();
    else this.#send(this.#server);
  }

  #receive(bytes: Buffer, from: number): void {
    if (this.#server !== undefined && from !== this.#server) return;
    this.#server = from;
    this.#heard = performance.now();
    const kind = bytes[1];
    if (kind === 6) return this.#send(from);
    if (kind !== 3) return void this.wrong++;
    const number = bytes.readUInt16BE(2);
    if (number !== ((this.#block + 1) & 0xffff)) return;
    const payload = bytes.subarray(4);
    const start = this.#block * BLOCK;
    if (!payload.equals(content.subarray(start, start + BLOCK))) this.wrong++;
    this.bytes += payload.length;
    this.#block++;
    if (payload.length < BLOCK) return this.#finish(from);
    if (this.#block % WINDOW === 0) this.#sendInTime(from);
  }

  #finish(server: number): void {
    this.#send(server);
    this.#begin();
  }

  #sendInTime(server: number): void {
    const now = performance.now();
    // What was missed is not made up for: the speed is an upper bound.
    this.#due = Math.max(this.#due + pace, now);
    setTimeout(() => this.#server === server && this.#send(server), this.#due - now);
  }

  #send(server: number): void {
    const ack = Buffer.of(0, 4, this.#block >> 8, this.#block & 0xff);
    if (!this.#over) this.#socket.send(ack, server, "127.0.0.1", () => {});
  }
}

const boards = Array.from({ length: BOARDS }, () => new Board());
process.send?.("ready");
await once(process, "message");
const begin = performance.now();
await Promise.all(boards.map((board) => board.run(begin + Number(seconds) * 1_000)));
const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0);
process.send?.({ bytes: sum(boards.map(({ bytes }) => bytes)), wrong: sum(boards.map(({ wrong }) => wrong)) });
process.disconnect();
