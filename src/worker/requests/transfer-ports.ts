import type { Endpoint } from "../../contract/endpoint.ts";
import type { PortRange } from "../../contract/ports.ts";
import { Refused } from "../content/content.ts";
import type { Channel, Transport } from "../transport/transport.ts";
import { HeldPorts } from "./held-ports.ts";

/** A transfer's socket, and what gives its port back to the range. */
export interface OpenedPort {
  readonly channel: Channel;
  /** To be called after the channel is closed. */
  readonly release: () => void;
}

/** The ports that a request tries at most: other programs may have the range for themselves. */
const MAX_TRIES = 256;
/** What bind(2) says of a port that another socket has, or that takes a privilege. */
const NOT_TO_BE_HAD: ReadonlySet<string | undefined> = new Set(["EADDRINUSE", "EACCES"]);
const nothingToRelease = (): void => {};

/** Opens the sockets of transfers that have a port of their own: any, or one of a range. */
export class TransferPorts {
  readonly #transport: Transport;
  readonly #held: HeldPorts;

  constructor(transport: Transport, held: HeldPorts = new HeldPorts()) {
    this.#transport = transport;
    this.#held = held;
  }

  /** Whether transfers hold all ports of the range at that address. */
  isUsedUp(range: PortRange, { address }: Endpoint): boolean {
    return this.#held.isUsedUp(range, address);
  }

  /** On a port that the system picks. @throws a system error. */
  async openAny({ address }: Endpoint, client: Endpoint): Promise<OpenedPort> {
    return { channel: await this.#transport.open({ address, port: 0 }, client), release: nothingToRelease };
  }

  /** @throws {Refused} "no-free-port", or a system error. */
  async openOf(range: PortRange, { address }: Endpoint, client: Endpoint): Promise<OpenedPort> {
    const tried = new Set<number>();
    let cause: unknown;
    while (tried.size < MAX_TRIES) {
      const port = this.#held.take(range, address, tried);
      if (port === undefined) break;
      const release = (): void => this.#held.release(address, port);
      try {
        return { channel: await this.#transport.open({ address, port }, client), release };
      } catch (error) {
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
