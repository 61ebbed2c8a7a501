import type { Endpoint } from "../../../contract/endpoint.ts";
import type { PortRange } from "../../../contract/options/ports.ts";
import { Refused } from "../../content/content.ts";
import type { Channel, Transport } from "../../transport/transport.ts";
import { HeldPorts } from "./held-ports.ts";

/** What is done about the ports of a range for one request. */
export interface PortObserver {
  /** It holds a port, or waits for one that is promised; or not any more, as another program has that port. */
  onHeld(isHeld: boolean): void;
  /** All ports are held: whether the transfer that was without any ACK for the longest now gives its port back. */
  onUsedUp(): boolean;
  /** It waits for that port, which `cancel` ends: the request behind it gets the port then. */
  onWaiting(cancel: () => void): void;
}

/** The ports that a request tries at most: other programs may have the range for themselves. */
const MAX_TRIES = 256;
/** What bind(2) says of a port that another socket has, or that takes a privilege. */
const NOT_TO_BE_HAD: ReadonlySet<string | undefined> = new Set(["EADDRINUSE", "EACCES"]);

/** Opens the sockets of transfers that have a port of their own: any, or one of a range. */
export class TransferPorts {
  readonly #transport: Transport;
  readonly #held: HeldPorts;

  constructor(transport: Transport, held: HeldPorts = new HeldPorts()) {
    this.#transport = transport;
    this.#held = held;
  }

  /** On a port that the system picks. @throws a system error. */
  async openAny({ address }: Endpoint, client: Endpoint): Promise<Channel> {
    return await this.#transport.open({ address, port: 0 }, client);
  }

  /** @throws {Refused} "no-free-port", or a system error. */
  async openOf(range: PortRange, { address }: Endpoint, client: Endpoint, observer: PortObserver): Promise<Channel> {
    const tried = new Set<number>();
    const onWaiting = (cancel: () => void): void => observer.onWaiting(cancel);
    let cause: unknown;
    while (tried.size < MAX_TRIES) {
      // One after the other: each may be refused for a reason of its own.
      let port = this.#held.take(range, address, tried);
      if (port === undefined && !observer.onUsedUp()) break;
      observer.onHeld(true);
      // It may be free at once, or only when a socket has closed. Until then it may have to give way itself.
      port ??= this.#held.take(range, address, tried) ?? (await this.#held.next(range, address, tried, onWaiting));
      if (port === undefined) break;
      const held = port;
      const release = (): void => this.#held.release(address, held);
      try {
        return await this.#transport.open({ address, port }, client, release);
      } catch (error) {
        observer.onHeld(false);
        release();
        if (!isNotToBeHad(error)) throw error;
        cause = error;
        tried.add(port);
      }
    }
    throw new Refused("no-free-port", { cause });
  }
}

/** Of connect(2) such an error says something else: that no way leads to the client. */
function isNotToBeHad(error: unknown): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return syscall === "bind" && NOT_TO_BE_HAD.has(code);
}
