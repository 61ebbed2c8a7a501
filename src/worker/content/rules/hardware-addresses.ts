import { readFile } from "node:fs/promises";

/** For how long the table is believed, in ms; a client that is not in it is looked for again after `MISSING_MS`. */
const KEEP_MS = 1_000;
const MISSING_MS = 50;

/** Hardware addresses by client: from the kernel's table of neighbours, or, for IPv6, from the address itself. */
export class HardwareAddresses {
  readonly #read: () => Promise<string>;
  #table: ReadonlyMap<string, string> = new Map();
  #readAt = -Infinity;
  #reading: Promise<void> | undefined;

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
    const age = performance.now() - this.#readAt;
    if (age < (known === undefined ? MISSING_MS : KEEP_MS)) return known;
    // A burst of requests shares one look at the table.
    this.#reading ??= this.#refresh();
    await this.#reading;
    return this.#table.get(address);
  }

  async #refresh(): Promise<void> {
    const text = await this.#read().catch(() => "");
    this.#table = parseTable(text);
    this.#readAt = performance.now();
    this.#reading = undefined;
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
  const groups = hostname.slice(1, -1).split("::");
  const tail = (groups.at(-1) ?? "").split(":").slice(-4);
  if (tail.length < 4) return undefined;
  const digits = tail.map((group) => group.padStart(4, "0")).join("");
  if (digits.slice(6, 10) !== "fffe") return undefined;
  const bytes = (digits.slice(0, 6) + digits.slice(10)).match(/../g) ?? [];
  const first = (Number.parseInt(bytes[0] ?? "0", 16) ^ 2).toString(16).padStart(2, "0");
  return [first, ...bytes.slice(1)].join("-");
}
