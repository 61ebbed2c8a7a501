import { spawn } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { compile, type LoadResult } from "../../bench/load.ts";
import { isAbsent } from "../helpers/client-programs.ts";
import { noise } from "../helpers/raw-content.ts";
import { data } from "../helpers/raw-packets.ts";

const content = noise(512 * 7 + 100);
/** Long enough for a busy machine: no client asks again before this test has answered. */
const SILENCE_MS = 2_000;

describe.skipIf(isAbsent("cc", ["--version"]))("the load generator, windowsize 4 (RFC 7440 section 4)", () => {
  const directory = mkdtempSync(join(tmpdir(), "tftp-load-"));
  const program = join(directory, "load");
  const file = join(directory, "file");
  beforeAll(() => {
    compile(["load/main.c", "load/transfer.c"], program);
    writeFileSync(file, content);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  test("after a silence the load generator acknowledges the last block in order", async () => {
    const wire = await Wire.open(program, file);
    wire.send(1, 2);
    expect(await wire.ack()).toBe(2);
    expect(await wire.end(3)).toMatchObject({ done: 1, timeouts: 1 });
  });

  test("the end of a window that came twice is acknowledged again, and only the end", async () => {
    const wire = await Wire.open(program, file);
    wire.send(1, 2, 3, 4);
    expect(await wire.ack()).toBe(4);
    wire.send(1, 2, 3, 4);
    expect(await wire.ack()).toBe(4);
    expect(await wire.end(5)).toMatchObject({ done: 1, timeouts: 0, duplicates: 4 });
  });

  test("a gap is acknowledged once", async () => {
    const wire = await Wire.open(program, file);
    wire.send(1, 3, 4);
    expect(await wire.ack()).toBe(1);
    expect(await wire.end(2)).toMatchObject({ done: 1, timeouts: 0 });
  });

  test("a gap after a silence is acknowledged at once, also if the one before it was the same", async () => {
    const wire = await Wire.open(program, file);
    wire.send(1, 3);
    expect([await wire.ack(), await wire.ack()]).toEqual([1, 1]);
    wire.send(3);
    expect(await wire.ack()).toBe(1);
    expect(await wire.end(2)).toMatchObject({ done: 1, timeouts: 1 });
  });
});

/** A server by hand, and the client that it serves. */
class Wire {
  readonly #socket: Socket;
  readonly #messages: AsyncIterator<[Buffer, { port: number }]>;
  readonly #output: Promise<string>;
  #port = 0;

  private constructor(socket: Socket, output: Promise<string>) {
    this.#socket = socket;
    this.#messages = on(socket);
    this.#output = output;
  }

  /** The request has come, the OACK was sent and acknowledged. */
  static async open(program: string, file: string): Promise<Wire> {
    const socket = createSocket("udp4").bind(0, "127.0.0.1");
    await once(socket, "listening");
    const flags = { p: socket.address().port, f: "file", l: file, b: 512, w: 4, t: SILENCE_MS };
    const args = Object.entries(flags).flatMap(([letter, value]) => [`-${letter}`, `${value}`]);
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => {
      child.kill("SIGKILL");
      socket.close();
    });
    const wire = new Wire(socket, text(child.stdout));
    wire.#port = (await wire.#next())[1].port;
    socket.send("\0\x06blksize\x00512\0windowsize\x004\0", wire.#port, "127.0.0.1");
    expect(await wire.ack()).toBe(0);
    return wire;
  }

  send(...blocks: readonly number[]): void {
    for (const block of blocks) {
      this.#socket.send(data(block, content.subarray((block - 1) * 512, block * 512)), this.#port, "127.0.0.1");
    }
  }

  async ack(): Promise<number> {
    const [packet] = await this.#next();
    expect(packet.readUInt16BE()).toBe(4);
    return packet.readUInt16BE(2);
  }

  /** Sends the rest, one window after another, from that block on; no other ACK may come in between. */
  async end(from: number): Promise<LoadResult> {
    for (let block = from; block <= 8; block += 4) {
      const window = [0, 1, 2, 3].map((index) => block + index).filter((number) => number <= 8);
      this.send(...window);
      expect(await this.ack()).toBe(window.at(-1));
    }
    return JSON.parse(await this.#output) as LoadResult;
  }

  async #next(): Promise<[Buffer, { port: number }]> {
    return (await this.#messages.next()).value as [Buffer, { port: number }];
  }
}

async function* on(socket: Socket): AsyncGenerator<[Buffer, { port: number }]> {
  const queue: [Buffer, { port: number }][] = [];
  socket.on("message", (packet, from) => queue.push([packet, from]));
  for (;;) {
    const first = queue.shift();
    if (first) yield first;
    else await once(socket, "message");
  }
}
