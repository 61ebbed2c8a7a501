import type { BoundAddress, Endpoint } from "../../contract/endpoint.ts";
import type { TftpEvent } from "../../contract/events/events.ts";
import { statusAfter } from "./server-status.ts";
import type { ServerStatus } from "../text/words.ts";

interface Server {
  status: ServerStatus;
  /** What is, or was last, bound; undefined if nothing was. */
  endpoints?: readonly Endpoint[];
}

/** The most interesting one first: of several servers it is the one to be shown. */
const byInterest: readonly ServerStatus[] = ["failed", "restarting", "stopping", "starting", "running", "stopped"];

/** Status and addresses of each server, by its number: an exporter may have several, and makes new ones for each lease. */
export class Servers {
  readonly #servers = new Map<number, Server>();
  #hasListened = false;

  /** Whether anything was ever bound. */
  get hasListened(): boolean {
    return this.#hasListened;
  }

  get endpoints(): readonly Endpoint[] {
    return [...this.#servers.values()].flatMap(({ endpoints = [] }) => endpoints);
  }

  get status(): ServerStatus {
    const all = new Set([...this.#servers.values()].map(({ status }) => status));
    return byInterest.find((status) => all.has(status)) ?? "stopped";
  }

  apply(event: TftpEvent, number: number): void {
    switch (event.type) {
      case "state":
        this.#server(number).status = statusAfter(event);
        return;
      case "listening":
        this.#hasListened = true;
        this.#server(number).endpoints = event.addresses.map(toEndpoint);
        return;
      case "listening-address": {
        const server = this.#server(number);
        server.endpoints = [
          ...(server.endpoints ?? []).filter(({ address }) => address !== event.host),
          ...(event.change === "added" ? [toEndpoint(event)] : []),
        ];
        return;
      }
      default:
    }
  }

  /** A new one takes the place of those that are over: their addresses were to be seen until now. */
  #server(number: number): Server {
    const known = this.#servers.get(number);
    if (known) return known;
    for (const [each, { status }] of this.#servers) {
      if (status === "stopped" || status === "failed") this.#servers.delete(each);
    }
    const server: Server = { status: "stopped" };
    this.#servers.set(number, server);
    return server;
  }
}

function toEndpoint({ host, port }: BoundAddress): Endpoint {
  return { address: host, port };
}
