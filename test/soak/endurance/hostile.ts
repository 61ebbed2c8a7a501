import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { randomBytes } from "node:crypto";

/** What must never be answered with content, and what it was answered with. */
export interface HostileCounts {
  sent: number;
  /** DATA for a name outside of the root, a link, a FIFO or a missing file. */
  served: number;
  errors: number;
}

const request = (name: string | Buffer, mode = "octet"): Buffer =>
  Buffer.concat([Buffer.from([0, 1]), Buffer.from(name), Buffer.from(`\0${mode}\0`)]);

const kinds: readonly (() => Buffer)[] = [
  () => request("../secret"),
  () => request("board1/../../secret"),
  () => request("..\\secret"),
  () => request("link"),
  () => request("fifo"),
  () => request("board1"),
  () => request(`missing-${Math.random()}`),
  // Not UTF-8, as long as a request may be.
  () => request(Buffer.alloc(1_300, 0xff)),
  () => request("a".repeat(1_000)),
  () => request(`${"01-".repeat(60)}x`),
  () => request("board1/kernel", "mail"),
  () => Buffer.concat([Buffer.from([0, 2]), Buffer.from("written\0octet\0")]),
  () => Buffer.from([0, 4, 0, 1]),
  () => Buffer.from([0, 5, 0, 0, 0x78, 0]),
  () => Buffer.from([0, 3, 0, 1, 1, 2, 3]),
  () => Buffer.from([0, 9]),
  () => randomBytes(1 + Math.floor(Math.random() * 1_500)),
  () => Buffer.alloc(0),
];

/** Sends junk, refused requests and attempts to get out of the root, at a steady rate, until the signal fires. */
export async function beHostile(port: () => number, perSecond: number, signal: AbortSignal): Promise<HostileCounts> {
  const counts: HostileCounts = { sent: 0, served: 0, errors: 0 };
  const socket = await open(counts);
  const TICK_MS = 20;
  while (!signal.aborted) {
    for (let n = 0; n < (perSecond * TICK_MS) / 1_000; n++) {
      const datagram = kinds[counts.sent % kinds.length]?.() ?? Buffer.alloc(0);
      socket.send(datagram, port(), "127.0.0.1", () => {});
      counts.sent++;
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  socket.close();
  return counts;
}

async function open(counts: HostileCounts): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  socket.on("error", () => {});
  socket.on("message", (bytes) => {
    if (bytes[1] === 3) counts.served++;
    if (bytes[1] === 5) counts.errors++;
  });
  return socket;
}
