import type { Endpoint } from "../../../contract/endpoint.ts";
import { portKey } from "../registry/client-key.ts";

/** A transfer as the holder of a TID. */
export interface TidHolder {
  readonly id: number;
  /** The datagram that asked for it, and its sender. */
  readonly requestKey: string;
  /** The client has acknowledged something. */
  readonly isProved: boolean;
  /** The last block has been sent: the client most likely has the file. */
  readonly isLastBlockOut: boolean;
  /** Since the client's last datagram, in ms. */
  readonly silenceMs: number;
}

/** The two ends of a transfer that uses the well-known port. */
export interface Ends {
  readonly client: Endpoint;
  readonly local: Endpoint;
}

/** Clients that have restarted do not acknowledge, and ask again after a second or later. In ms. */
export const YIELD_AFTER = 1_000;

/**
 * With `ports: "single"` a client port has one transfer at a time with each of our addresses: an ACK does not say which
 * of two it means. So the newest request that may have the TID gets it. It may not if the transfer there goes on: that
 * request is a late datagram, or a forged one, and must not end what runs.
 */
export class SharedTids<Holder extends TidHolder> {
  readonly #holders = new Map<string, Holder>();

  /** Whether the transfer that has the TID keeps it against that request, which is to draw nothing then. */
  isBusy(ends: Ends, requestKey: string): boolean {
    if (this.#holders.size === 0) return false;
    const holder = this.#holders.get(keyOf(ends));
    return holder !== undefined && keepsAgainst(holder, requestKey);
  }

  /** Gives it the TID, and returns what had that; false: it cannot have it. */
  claim(ends: Ends, newcomer: Holder): Holder | undefined | false {
    const key = keyOf(ends);
    const holder = this.#holders.get(key);
    if (holder && (holder.id > newcomer.id || keepsAgainst(holder, newcomer.requestKey))) return false;
    this.#holders.set(key, newcomer);
    return holder;
  }

  release(ends: Ends, holder: Holder): void {
    const key = keyOf(ends);
    if (this.#holders.get(key) === holder) this.#holders.delete(key);
  }
}

/** A client that goes on to its next file has sent the last ACK of the one before, and that may be lost. */
function keepsAgainst(holder: TidHolder, requestKey: string): boolean {
  if (!holder.isProved || holder.silenceMs >= YIELD_AFTER) return false;
  return !(holder.isLastBlockOut && holder.requestKey !== requestKey);
}

function keyOf({ client, local }: Ends): string {
  return `${portKey(client)} ${local.address}`;
}
