import type { TftpEvent } from "../../contract/events/events.ts";
import type { Endpoint } from "../../contract/endpoint.ts";

/** What the server is bound to, kept up to date by its events. */
export class BoundAddresses {
  #list: readonly Endpoint[];
  /** The last one; it stays if none is bound any more. */
  #first: Endpoint;

  /** `before`: what was bound by the thread before this one, which the new one may lack for now. */
  constructor(bound: readonly Endpoint[], before: Endpoint) {
    this.#list = bound;
    this.#first = bound[0] ?? before;
  }

  /** The first one; if none is bound any more, the last first one. */
  get first(): Endpoint {
    return this.#first;
  }

  get list(): readonly Endpoint[] {
    return this.#list;
  }

  apply(event: TftpEvent): void {
    if (event.type === "listening") {
      this.#list = event.addresses.map(({ host, port }) => ({ address: host, port }));
      this.#first = { address: event.host, port: event.port };
    }
    if (event.type !== "listening-address") return;
    const { host, port, change } = event;
    const others = this.#list.filter(({ address }) => address !== host);
    this.#list = change === "added" ? [...others, { address: host, port }] : others;
  }
}
