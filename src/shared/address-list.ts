import { BlockList, isIPv4 } from "node:net";
import { parseAddressRange } from "../contract/address-range.ts";

/** Addresses and CIDR ranges, to be asked whether a client is among them. */
export class AddressList {
  readonly #list = new BlockList();

  /** @param ranges As `parseAddressRange` takes them; others are passed over. */
  constructor(ranges: readonly string[]) {
    for (const range of ranges.map(parseAddressRange)) {
      if (range) this.#list.addSubnet(range.address, range.prefix, range.family);
    }
  }

  /** `address` may carry a scope, as link-local ones do; the ranges have none. */
  includes(address: string): boolean {
    const [plain = ""] = address.split("%");
    return this.#list.check(plain, isIPv4(plain) ? "ipv4" : "ipv6");
  }
}
