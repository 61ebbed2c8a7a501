import { randomInt } from "node:crypto";
import type { PortRange } from "../../contract/ports.ts";

/** After so many ports that cannot be had, the next ones are tried in order: the range may be nearly used up. */
const MAX_GUESSES = 16;

/** The ports that transfers hold, by the address that they are bound to: the same port of two addresses is two ports. */
export class HeldPorts {
  readonly #byAddress = new Map<string, Set<number>>();
  readonly #random: (low: number, end: number) => number;

  /** `random` gives a whole number from `low` on, below `end`; for tests. */
  constructor(random: (low: number, end: number) => number = randomInt) {
    this.#random = random;
  }

  /** Holds a random port of the range that is neither held nor in `tried` (RFC 1350 section 4); undefined: there is none. */
  take(range: PortRange, address: string, tried: ReadonlySet<number>): number | undefined {
    const port = this.#find(range, (each) => !tried.has(each) && !this.#isHeld(address, each));
    if (port !== undefined) this.#portsOf(address).add(port);
    return port;
  }

  release(address: string, port: number): void {
    const ports = this.#byAddress.get(address);
    ports?.delete(port);
    // On loopback a client has 2^24 addresses to choose from: those without a transfer are forgotten.
    if (ports?.size === 0) this.#byAddress.delete(address);
  }

  /** Whether transfers hold all ports of the range. */
  isUsedUp({ from, to }: PortRange, address: string): boolean {
    const ports = this.#byAddress.get(address);
    const count = to - from + 1;
    if (ports === undefined || ports.size < count) return false;
    // Some may be of the range that was configured before.
    return [...ports].filter((port) => port >= from && port <= to).length === count;
  }

  #find({ from, to }: PortRange, isFree: (port: number) => boolean): number | undefined {
    const guess = (): number => this.#random(from, to + 1);
    for (let guesses = 0; guesses < MAX_GUESSES; guesses++) {
      const port = guess();
      if (isFree(port)) return port;
    }
    const count = to - from + 1;
    const start = guess() - from;
    for (let step = 0; step < count; step++) {
      const port = from + ((start + step) % count);
      if (isFree(port)) return port;
    }
    return undefined;
  }

  #isHeld(address: string, port: number): boolean {
    return this.#byAddress.get(address)?.has(port) ?? false;
  }

  #portsOf(address: string): Set<number> {
    const known = this.#byAddress.get(address);
    if (known) return known;
    const ports = new Set<number>();
    this.#byAddress.set(address, ports);
    return ports;
  }
}
