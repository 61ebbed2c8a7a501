import { BlockList, isIPv4 } from "node:net";
import { parseAddressRange } from "../../contract/address-range.ts";
import type { ServerConfig } from "../../contract/options.ts";

const ALL = ["0.0.0.0/0", "::/0"];

/** Decides which clients are served: those in `allow`, without those in `deny`. */
export class AccessList {
  readonly #allowed: BlockList;
  readonly #denied: BlockList;
  /** All clients are allowed, so that no address has to be looked up. */
  readonly #open: boolean;

  constructor({ allow, deny }: Pick<ServerConfig, "allow" | "deny">) {
    this.#open = deny.length === 0 && ALL.every((range) => allow.includes(range));
    this.#allowed = listOf(allow);
    this.#denied = listOf(deny);
  }

  /** `address` may carry a scope, as link-local ones do; the ranges have none. */
  admits(address: string): boolean {
    if (this.#open) return true;
    const [plain = ""] = address.split("%");
    const family = isIPv4(plain) ? "ipv4" : "ipv6";
    return this.#allowed.check(plain, family) && !this.#denied.check(plain, family);
  }
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges.map(parseAddressRange)) {
    if (range) list.addSubnet(range.address, range.prefix, range.family);
  }
  return list;
}
