import { createSocket, type Socket } from "node:dgram";
import { AF_INET } from "../system/abi.ts";
import type { Libc } from "../system/libc.ts";

/**
 * Calls back, in Node's event loop, whenever an epoll set has an event. Node offers no way to watch a descriptor of
 * our own, but it watches that of a dgram socket: we give it one, and at once put the epoll set in its place (dup(2)),
 * before the event loop has looked. Node then waits for the epoll set as for any socket; when it goes to receive, that
 * fails (ENOTSOCK), and this error is the callback. The handle is Node's own, so it is closed in good order also if the
 * thread is terminated; FFI packages that offer to watch a descriptor do not survive that.
 */
export class EventLoopWakeup {
  readonly #socket: Socket;

  constructor(libc: Libc, epoll: number, onEvent: () => void) {
    const descriptor = libc.socket(AF_INET);
    this.#socket = createSocket("udp4");
    this.#socket.on("error", onEvent);
    this.#socket.bind({ fd: descriptor, exclusive: true });
    libc.duplicate(epoll, descriptor);
  }

  close(): void {
    this.#socket.close();
  }
}
