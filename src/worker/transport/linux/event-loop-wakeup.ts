import { createSocket, type Socket } from "node:dgram";
import { AF_INET } from "./abi.ts";
import type { Libc } from "./libc.ts";

/**
 * Rings, in Node's event loop, whenever an epoll set has something to tell. Node offers no way to watch a descriptor of
 * our own, but it watches that of a dgram socket: we give it one, and at once put the epoll set in its place (dup(2)),
 * before the event loop has looked. Node then waits for the epoll set as for any socket; when it goes to receive, that
 * fails (ENOTSOCK), and this error is the bell. The handle is Node's own, so it is closed in good order also where the
 * thread is terminated; FFI packages that offer to watch a descriptor do not survive that.
 */
export class EventLoopWakeup {
  readonly #socket: Socket;

  constructor(libc: Libc, epoll: number, ring: () => void) {
    const descriptor = libc.socket(AF_INET);
    this.#socket = createSocket("udp4");
    this.#socket.on("error", ring);
    this.#socket.bind({ fd: descriptor, exclusive: true });
    libc.duplicate(epoll, descriptor);
  }

  close(): void {
    this.#socket.close();
  }
}
