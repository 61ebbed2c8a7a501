import { createSocket } from "node:dgram";
import { once } from "node:events";
import { networkInterfaces } from "node:os";

/** Any address beyond our own networks will do, as those for documentation (RFC 5737, RFC 3849): nothing is sent. */
const FAR_AWAY = [
  { type: "udp4", address: "192.0.2.1" },
  { type: "udp6", address: "2001:db8::1" },
] as const;

/** Between two looks at the default route, in ms. */
const INTERVAL = 5_000;

/**
 * The address that the default route leaves from, of IPv4 if it has one, or else of IPv6; undefined without any route.
 */
export async function defaultAddress(): Promise<string | undefined> {
  for (const { type, address } of FAR_AWAY) {
    const own = await sourceAddress(type, address);
    if (own !== undefined) return own;
  }
  return undefined;
}

/** All addresses, for a machine without a default route: `::` if it has only IPv6 ones besides loopback. */
export function allAddresses(): "0.0.0.0" | "::" {
  const own = Object.values(networkInterfaces()).flatMap((infos = []) => infos.filter(({ internal }) => !internal));
  return own.length > 0 && own.every(({ family }) => family === "IPv6") ? "::" : "0.0.0.0";
}

/**
 * Looks now and then whether the default route leaves from another address than `bound`, and follows it: `move` gets
 * each new one, and again at each look until it resolves with true.
 */
export class DefaultAddressWatch {
  readonly #timer: NodeJS.Timeout;
  readonly #find: () => Promise<string | undefined>;
  readonly #move: (address: string) => Promise<boolean>;
  #bound: string;
  #isLooking = false;

  /** `find` is for tests. */
  constructor(
    bound: string,
    move: (address: string) => Promise<boolean>,
    find: () => Promise<string | undefined> = defaultAddress,
  ) {
    this.#bound = bound;
    this.#move = move;
    this.#find = find;
    this.#timer = setInterval(() => void this.#look(), INTERVAL).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const address = await this.#find();
    // Without a route, as while a cable is out, there is nowhere to go.
    if (address !== undefined && address !== this.#bound && (await this.#move(address))) this.#bound = address;
    this.#isLooking = false;
  }
}

/** Found by connecting a UDP socket. */
async function sourceAddress(type: "udp4" | "udp6", far: string): Promise<string | undefined> {
  const socket = createSocket(type);
  try {
    const connected = once(socket, "connect");
    socket.connect(9, far);
    await connected;
    return socket.address().address;
  } catch {
    return undefined;
  } finally {
    socket.close();
  }
}
