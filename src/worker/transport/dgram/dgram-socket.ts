import { createSocket, type Socket, type SocketOptions } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";
import type { Endpoint } from "../../../contract/endpoint.ts";

/** Addresses are numeric here: nothing is ever looked up, and nothing waits for a thread of the pool. */
const lookup: NonNullable<SocketOptions["lookup"]> = (address, _options, callback) => {
  callback(null, address, isIPv6(address) ? 6 : 4);
};

/** @throws a system error (`code` EADDRINUSE and the like), and the socket is closed then. */
export async function bindSocket({ address, port }: Endpoint, options: { reuseAddr?: boolean } = {}): Promise<Socket> {
  const socket = createSocket({ type: isIPv6(address) ? "udp6" : "udp4", lookup, ...options });
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
