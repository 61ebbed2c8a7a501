import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { fstatSync, readFileSync } from "node:fs";
import type { Libc } from "../linux/system/libc.ts";

/** Copies descriptors; rejects if koffi is not installed. */
export type Copier = () => Promise<Pick<Libc, "copy">>;

/**
 * A socket that is bound already, as Node's. Node closes what it adopts, so it gets a copy of the descriptor. Without
 * koffi it gets the descriptor itself: Node has nothing that copies one.
 * @throws {Error} if it is no UDP socket.
 */
export async function adoptSocket(descriptor: number, copier: Copier): Promise<Socket> {
  const type = isIpv6(descriptor) ? "udp6" : "udp4";
  const libc = await copier().catch(() => undefined);
  const socket = createSocket(type);
  try {
    const listening = once(socket, "listening");
    socket.bind({ fd: libc ? libc.copy(descriptor) : descriptor });
    await listening;
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** Node has to know the family before it adopts a socket. Linux lists the sockets of IPv6, by their inodes. */
function isIpv6(descriptor: number): boolean {
  const inode = String(fstatSync(descriptor).ino);
  return readTable("/proc/self/net/udp6").some((line) => line.trim().split(/\s+/)[9] === inode);
}

function readTable(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\n");
  } catch {
    // Without IPv6, or on a system that is not Linux.
    return [];
  }
}
