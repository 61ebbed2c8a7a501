import { readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";

/** For how long the table is believed of a client that is in it, in ms. */
const KEEP_MS = 1_000;
/** The table is read at most that often, in ms: a client that is not in it waits for the next time. */
const PAUSE_MS = 50;

/** Hardware addresses by client: from the kernel's table of neighbours, or, for IPv6, from the address itself. */
export class HardwareAddresses {
  readonly #read: () => Promise<string>;
  #table: ReadonlyMap<string, string> = new Map();
  /** When the reading of it began. */
  #readAt = -Infinity;
  /** A reading that has not begun: what it finds is not older than what asks for it now. */
  #upcoming: Promise<void> | undefined;

  /** @param read The table, as /proc/net/arp has it (proc(5)). */
  constructor(read: () => Promise<string> = () => readFile("/proc/net/arp", "latin1")) {
    this.#read = read;
  }

  /**
   * As `52-54-00-12-34-56`; undefined if it is unknown: the client is behind a router, the system has no such table, or
   * an IPv6 address does not show it.
   */
  async of(client: string): Promise<string | undefined> {
    const [address = ""] = client.split("%");
    if (address.includes(":")) return fromInterfaceId(address);
    const known = this.#table.get(address);
    if (known !== undefined && performance.now() - this.#readAt < KEEP_MS) return known;
    // A table that was read before the client asked may not have it yet: another file would be served.
    await (this.#upcoming ??= this.#refresh());
    return this.#table.get(address);
  }

  async #refresh(): Promise<void> {
    const pause = this.#readAt + PAUSE_MS - performance.now();
    // All that ask in this turn share it, in any case.
    await (pause > 0 ? setTimeout(pause, undefined, { ref: false }) : Promise.resolve());
    this.#upcoming = undefined;
    this.#readAt = performance.now();
    this.#table = parseTable(await this.#read().catch(() => ""));
  }
}

/** Complete entries (flag 0x2) of Ethernet (type 0x1). */
function parseTable(text: string): ReadonlyMap<string, string> {
  const pattern = /^(\S+)\s+0x1\s+0x(\w+)\s+([0-9a-f]{2}(?::[0-9a-f]{2}){5})\s/gim;
  const table = new Map<string, string>();
  for (const [, address = "", flags = "", mac = ""] of text.matchAll(pattern)) {
    if ((Number.parseInt(flags, 16) & 2) !== 0) table.set(address, mac.toLowerCase().replaceAll(":", "-"));
  }
  return table;
}

/** An interface identifier that was made of a hardware address (RFC 4291, appendix A) has ff:fe in its middle. */
function fromInterfaceId(address: string): string | undefined {
  const { hostname } = new URL(`tftp://[${address}]/`);
  const [head = "", tail = ""] = hostname.slice(1, -1).split("::");
  const [front, back] = [head, tail].map((groups) => groups.split(":").filter(Boolean)) as [string[], string[]];
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => "0");
  const digits = [...front, ...zeros, ...back]
    .slice(4)
    .map((group) => group.padStart(4, "0"))
    .join("");
  if (digits.slice(6, 10) !== "fffe") return undefined;
  const bytes = (digits.slice(0, 6) + digits.slice(10)).match(/../g) ?? [];
  const first = (Number.parseInt(bytes[0] ?? "0", 16) ^ 2).toString(16).padStart(2, "0");
  return [first, ...bytes.slice(1)].join("-");
}
