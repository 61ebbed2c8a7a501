import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { randomInt } from "node:crypto";
import type { PortRange } from "../../src/contract/options/ports.ts";

/** Consecutive UDP ports that no socket has at this moment. */
export async function freeRange(address: string, count: number): Promise<PortRange> {
  for (;;) {
    const from = randomInt(20_000, 60_000);
    const sockets: Socket[] = [];
    try {
      for (let port = from; port < from + count; port++) sockets.push(await bound(address, port));
      return { from, to: from + count - 1 };
    } catch {
      // Some port is in use: others may be free.
    } finally {
      for (const socket of sockets) socket.close();
    }
  }
}

async function bound(address: string, port: number): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.bind({ address, port, exclusive: true });
  await once(socket, "listening");
  return socket;
}
