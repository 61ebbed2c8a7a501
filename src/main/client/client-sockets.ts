import { createSocket, type Socket, type SocketOptions } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";

/** Two sockets that share one port: a client's TID (RFC 1350 section 4). */
export interface ClientSockets {
  /** Sends everything, and receives from every port of the server: each transfer comes from a new one. */
  readonly socket: Socket;
  /**
   * Connected to the well-known port: the system reports the ICMP error for a request to a connected socket alone.
   * Undefined if the system does not have it so.
   */
  readonly errors: Socket | undefined;
}

/** The address is numeric: nothing is looked up. */
const lookup: NonNullable<SocketOptions["lookup"]> = (address, _options, callback) => {
  callback(null, address, isIPv6(address) ? 6 : 4);
};

/** @throws a system error, and nothing is open then. */
export async function openClientSockets(address: string, port: number): Promise<ClientSockets> {
  const socket = await bind(address, 0);
  const errors = await openConnected(address, port, socket);
  socket.once("close", () => errors?.close());
  return { socket, errors };
}

async function openConnected(address: string, port: number, transfer: Socket): Promise<Socket | undefined> {
  // Windows delivers datagrams of two sockets on one port to either of them.
  if (process.platform === "win32") return undefined;
  let socket: Socket | undefined;
  try {
    socket = await bind(address, transfer.address().port);
    const connected = once(socket, "connect");
    socket.connect(port, address);
    await connected;
    // Some servers answer from the well-known port.
    socket.on("message", (bytes, peer) => transfer.emit("message", bytes, peer));
    return socket;
  } catch {
    socket?.close();
    return undefined;
  }
}

async function bind(address: string, port: number): Promise<Socket> {
  const socket = createSocket({ type: isIPv6(address) ? "udp6" : "udp4", lookup, reuseAddr: true });
  try {
    const listening = once(socket, "listening");
    socket.bind({ port, exclusive: true });
    await listening;
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}
