import { BlockList, isIPv4 } from "node:net";
import { type AddressRange, parseAddressRange } from "../../contract/options/address-range.ts";

/** IPv4 addresses: those whose bits in the mask are those of the base. */
interface Range {
  readonly base: number;
  readonly mask: number;
}

/**
 * Addresses and CIDR ranges, to be asked whether a client is among them. A range matches only clients of its own family.
 * A farm may have a rule for each board, all of
 * which are asked for each request: IPv4 takes some nanoseconds a range, a BlockList two microseconds a list.
 */
export class AddressList {
  readonly #ranges: readonly Range[];
  readonly #parsed: readonly AddressRange[];
  /** For other addresses, made for the first of them. */
  #list: BlockList | undefined;

  /** @param ranges As `parseAddressRange` takes them; others are passed over. */
  constructor(ranges: readonly string[]) {
    this.#parsed = ranges.flatMap((range) => parseAddressRange(range) ?? []);
    this.#ranges = this.#parsed.filter(({ family }) => family === "ipv4").map(rangeOf);
  }

  /** `address` may carry a scope, as link-local ones do; the ranges have none. */
  includes(address: string): boolean {
    const value = numberOf(address);
    if (value !== undefined) return this.#ranges.some(({ base, mask }) => (value & mask) === base);
    if (this.#parsed.length === 0) return false;
    const [plain = ""] = address.split("%");
    return (this.#list ??= listOf(this.#parsed)).check(plain, "ipv6");
  }
}

function listOf(ranges: readonly AddressRange[]): BlockList {
  const list = new BlockList();
  // An IPv4 address is not asked here: the list takes it for ::ffff:a.b.c.d, which is in ::/0.
  for (const { address, prefix, family } of ranges) if (family === "ipv6") list.addSubnet(address, prefix, family);
  return list;
}

function rangeOf({ address, prefix }: AddressRange): Range {
  // A shift by 32 is none.
  const mask = prefix === 0 ? 0 : -1 << (32 - prefix);
  return { base: (numberOf(address) ?? 0) & mask, mask };
}

/** The address that was asked for last: one request asks many lists. */
let last = { text: "", value: undefined as number | undefined };

/** An IPv4 address as 32 bits with a sign; undefined if it is none. */
function numberOf(address: string): number | undefined {
  if (address === last.text) return last.value;
  const value = isIPv4(address)
    ? address.split(".").reduce((bits, octet) => (bits << 8) | Number(octet), 0)
    : undefined;
  last = { text: address, value };
  return value;
}
