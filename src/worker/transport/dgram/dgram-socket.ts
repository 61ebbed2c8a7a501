import { createSocket, type Socket, type SocketOptions, type SocketType } from "node:dgram";
import { once } from "node:events";
import type { Endpoint } from "../../../contract/endpoint.ts";

/** Addresses are numeric here: nothing is ever looked up, and nothing waits for a thread of the pool. */
export const numericLookup: NonNullable<SocketOptions["lookup"]> = (address, _options, callback) => {
  callback(null, address, isNumericIpv6(address) ? 6 : 4);
};

/** Of a numeric address; what Node's `isIPv6` checks besides would be checked again for each datagram. */
export function isNumericIpv6(address: string): boolean {
  return address.includes(":");
}

/** The kind of socket that can be bound to it. */
export function socketType(address: string): SocketType {
  return isNumericIpv6(address) ? "udp6" : "udp4";
}

/** @throws a system error (`code` EADDRINUSE and the like), and the socket is closed then. */
export async function bindSocket({ address, port }: Endpoint, options: { reuseAddr?: boolean } = {}): Promise<Socket> {
  const socket = createSocket({ type: socketType(address), lookup: numericLookup, ...options });
  try {
    const listening = once(socket, "listening");
    socket.bind({ address, port, exclusive: true });
    await listening;
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}
