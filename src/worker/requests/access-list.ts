import type { ServerConfig } from "../../contract/options/server-config.ts";
import { AddressList } from "../../shared/network/address-list.ts";

const ALL = ["0.0.0.0/0", "::/0"];

/** Decides which clients are served: those in `allow`, without those in `deny`. */
export class AccessList {
  readonly #allowed: AddressList;
  readonly #denied: AddressList;
  /** All clients are allowed, so that no address has to be looked up. */
  readonly #open: boolean;

  constructor({ allow, deny }: Pick<ServerConfig, "allow" | "deny">) {
    this.#open = deny.length === 0 && ALL.every((range) => allow.includes(range));
    this.#allowed = new AddressList(allow);
    this.#denied = new AddressList(deny);
  }

  admits(address: string): boolean {
    return this.#open || (this.#allowed.includes(address) && !this.#denied.includes(address));
  }
}
