/** What a transfer has found out about the way to its client, and the next one need not. */
export interface PathLimits {
  /** The kernel cuts no segments of this size or more on this way; Infinity: it cuts all. */
  readonly refusedFrom: number;
  /** IPv6: packets over 1,280 bytes do not get through, and no ICMP error says so. */
  readonly isNarrow: boolean;
}

export const NO_LIMITS: PathLimits = { refusedFrom: Infinity, isNarrow: false };

/** Ways change, and to find out again costs a system call or a retransmission. In ms. */
const MAX_AGE = 60_000;
/** The ways that are remembered at most: the oldest goes first. */
const CAPACITY = 1_024;

/** The limits of ways, by client address: one client behind a narrow hop must not slow the others. */
export class PathMemory {
  readonly #paths = new Map<string, { readonly limits: PathLimits; readonly notedAt: number }>();
  readonly #now: () => number;

  /** `now`: a clock in ms that never goes back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  limitsOf(client: string): PathLimits {
    if (this.#paths.size === 0) return NO_LIMITS;
    const known = this.#paths.get(client);
    if (known === undefined) return NO_LIMITS;
    if (this.#now() - known.notedAt < MAX_AGE) return known.limits;
    this.#paths.delete(client);
    return NO_LIMITS;
  }

  note(client: string, limits: PathLimits): void {
    this.#paths.delete(client);
    const [oldest] = this.#paths.size >= CAPACITY ? this.#paths.keys() : [];
    if (oldest !== undefined) this.#paths.delete(oldest);
    this.#paths.set(client, { limits, notedAt: this.#now() });
  }

  /** How many are remembered. */
  get size(): number {
    return this.#paths.size;
  }
}
