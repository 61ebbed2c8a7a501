import type { PortRange } from "../../../contract/options/ports.ts";
import { nodeCrypto } from "../../../shared/lazy-builtins.ts";

/** After so many ports that cannot be had, the next ones are tried in order: the range may be nearly used up. */
const MAX_GUESSES = 16;

/** A request that waits for a port of the range. */
interface Waiting {
  readonly range: PortRange;
  readonly tried: ReadonlySet<number>;
  readonly resolve: (port: number | undefined) => void;
}

/** The ports that transfers hold, by the address that they are bound to: the same port of two addresses is two ports. */
export class HeldPorts {
  readonly #byAddress = new Map<string, Set<number>>();
  /** In the order in which they came. */
  readonly #waiting = new Map<string, Set<Waiting>>();
  readonly #random: (low: number, end: number) => number;

  /** `random` gives a whole number from `low` on, below `end`; for tests. */
  constructor(random: (low: number, end: number) => number = (low, end) => nodeCrypto().randomInt(low, end)) {
    this.#random = random;
  }

  /** Holds a random port of the range that is neither held nor in `tried` (RFC 1350 section 4); undefined: there is none. */
  take(range: PortRange, address: string, tried: ReadonlySet<number>): number | undefined {
    const port = this.#find(range, (each) => !tried.has(each) && !this.#isHeld(address, each));
    if (port !== undefined) entryOf(this.#byAddress, address).add(port);
    return port;
  }

  /**
   * Holds the next port that `take` could give and that is released; those that wait get theirs in turn. Undefined: what
   * `onWaiting` got was called, and it is not waited for any more.
   */
  async next(
    range: PortRange,
    address: string,
    tried: ReadonlySet<number>,
    onWaiting: (cancel: () => void) => void,
  ): Promise<number | undefined> {
    return await new Promise((resolve) => {
      const waiting = { range, tried, resolve };
      entryOf(this.#waiting, address).add(waiting);
      onWaiting(() => this.#leave(address, waiting));
    });
  }

  release(address: string, port: number): void {
    if (this.#handOver(address, port)) return;
    const ports = this.#byAddress.get(address);
    ports?.delete(port);
    // On loopback a client has 2^24 addresses to choose from: those without a transfer are forgotten.
    if (ports?.size === 0) this.#byAddress.delete(address);
  }

  #handOver(address: string, port: number): boolean {
    for (const waiting of this.#waiting.get(address) ?? []) {
      const { range, tried, resolve } = waiting;
      if (port < range.from || port > range.to || tried.has(port)) continue;
      resolve(port);
      this.#leave(address, waiting);
      return true;
    }
    return false;
  }

  #leave(address: string, waiting: Waiting): void {
    const queue = this.#waiting.get(address);
    queue?.delete(waiting);
    if (queue?.size === 0) this.#waiting.delete(address);
    waiting.resolve(undefined);
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
}

function entryOf<Item>(sets: Map<string, Set<Item>>, key: string): Set<Item> {
  const known = sets.get(key);
  if (known) return known;
  const set = new Set<Item>();
  sets.set(key, set);
  return set;
}
