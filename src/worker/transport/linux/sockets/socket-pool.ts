import type { Endpoint } from "../../../../contract/endpoint.ts";
import type { NativeSockets } from "./native-sockets.ts";
import type { PathMemory } from "./path-memory.ts";
import { TransferSocket } from "./transfer-socket.ts";

/** The sockets that are kept for later transfers, at most. */
const MAX_IDLE = 128;
/** They are closed if no transfer has begun or ended for this long, in ms. */
const PATIENCE = 1_000;

/**
 * The transfers' sockets. One that a transfer is done with serves the next: if many small files are fetched, to open
 * and close them would take as long as to send a file. Its port is given back at once all the same.
 */
export class SocketPool {
  readonly #sockets: NativeSockets;
  readonly #paths: PathMemory;
  readonly #idle: TransferSocket[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** A socket has come back since the timer was set. */
  #busy = false;

  constructor(sockets: NativeSockets, paths: PathMemory) {
    this.#sockets = sockets;
    this.#paths = paths;
  }

  /**
   * A socket with a port of its own, any one or that of `local`, connected to the client.
   * @throws a system error, and nothing is held then.
   */
  take(local: Endpoint, client: Endpoint): TransferSocket {
    const reused = local.port === 0 ? this.#reuse(local.address) : undefined;
    const socket = reused ?? new TransferSocket(this.#sockets, local, this.#paths);
    try {
      socket.connect(client);
      // One that was bound first may have got a stranger's datagrams before it was connected.
      if (socket !== reused) socket.drain();
      return socket;
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  give(socket: TransferSocket): void {
    // What was bound to a certain port stays so until it is closed.
    if (socket.local.port !== 0 || this.#idle.length === MAX_IDLE) return socket.close();
    socket.disconnect();
    this.#idle.push(socket);
    this.#busy = true;
    this.#timer ??= this.#setTimer();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const socket of this.#idle.splice(0)) socket.close();
  }

  /** The one that has rested the longest, of those that are bound to that address. */
  #reuse(address: string): TransferSocket | undefined {
    const index = this.#idle.findIndex(({ local }) => local.address === address);
    const [socket] = index < 0 ? [] : this.#idle.splice(index, 1);
    if (socket === undefined || socket.drain()) return socket;
    socket.close();
    return undefined;
  }

  #setTimer(): NodeJS.Timeout {
    return setTimeout(() => {
      if (!this.#busy) return this.close();
      this.#busy = false;
      this.#timer = this.#setTimer();
    }, PATIENCE).unref();
  }
}
