import { createSocket } from "node:dgram";
import { once } from "node:events";
import { expect } from "vitest";

/** Nobody has bound that port of the loopback address: it can be bound. */
export async function expectFree(port: number): Promise<void> {
  const socket = createSocket("udp4").bind(port, "127.0.0.1");
  await expect(once(socket, "listening")).resolves.toBeDefined();
  socket.close();
}
