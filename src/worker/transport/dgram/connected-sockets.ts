import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import type { Endpoint } from "../../../contract/endpoint.ts";
import { MAX_CONNECTED } from "../connected-limits.ts";
import { isWildcard } from "../../../shared/network/wildcard.ts";
import { isRequest } from "../is-request.ts";
import { numericLookup, socketType } from "./dgram-socket.ts";

export interface ConnectedReceiver {
  /** What the client sent to its transfer. */
  onDatagram(bytes: Uint8Array): void;
  /** What is not the transfer's: a request, or what came before the socket was connected. */
  onOther(bytes: Uint8Array, from: RemoteInfo): void;
  onError(error: NodeJS.ErrnoException): void;
}

/**
 * Sockets that are bound to the well-known port as well, and connected to one client each. Linux hands each datagram to
 * the socket that fits best, so these get what their clients send: each transfer has queues of its own, and the kernel
 * looks for the way to the client once, not for each datagram.
 */
export class ConnectedSockets {
  /** The well-known port can be bound again. */
  #isAllowed: boolean;
  #count = 0;

  /** `isReused`: the well-known port was bound with SO_REUSEADDR, as on Linux only. */
  constructor(isReused: boolean) {
    this.#isAllowed = isReused;
  }

  /** Undefined: the transfer has to use the socket that all share, as when root was given up after the bind. */
  open(local: Endpoint, client: Endpoint, receiver: ConnectedReceiver): Socket | undefined {
    // Bound to a wildcard, it would get only what is sent to the address that the route has chosen.
    if (!this.#isAllowed || this.#count >= MAX_CONNECTED || isWildcard(local.address)) return undefined;
    const socket = createSocket({ type: socketType(local.address), lookup: numericLookup, reuseAddr: true });
    let failure: NodeJS.ErrnoException | undefined;
    socket.on("error", (error) => (failure = error));
    const bound = peerOf(socket, local, client);
    if (!bound) {
      // The next one would fail as well.
      if (failure?.code === "EACCES" || failure?.code === "EADDRINUSE") this.#isAllowed = false;
      socket.close();
      return undefined;
    }
    this.#count++;
    socket.once("close", () => this.#count--);
    socket.on("error", (error) => receiver.onError(error));
    socket.on("message", (bytes, from) => {
      const isClient = from.port === bound.port && from.address === bound.address;
      if (isClient && !isRequest(bytes)) receiver.onDatagram(bytes);
      else receiver.onOther(bytes, from);
    });
    return socket;
  }
}

/** Binds and connects it; with numeric addresses Node does both at once. Undefined if it could not. */
function peerOf(socket: Socket, local: Endpoint, client: Endpoint): Endpoint | undefined {
  try {
    socket.bind({ ...local, exclusive: true });
    if (socket.address().port !== local.port) return undefined;
    socket.connect(client.port, client.address);
    return socket.remoteAddress();
  } catch {
    return undefined;
  }
}
