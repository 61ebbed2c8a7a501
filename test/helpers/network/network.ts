import { afterAll, beforeAll } from "vitest";
import { Lab } from "./lab.ts";
import type { Namespace } from "./namespace.ts";

/** The addresses of both ends. */
export interface Ends {
  readonly server: string;
  readonly client: string;
}

export type Family = "IPv4" | "IPv6";
export const families: readonly Family[] = ["IPv4", "IPv6"];

/** Interfaces: `lan` at both ends; a router has one for each of them. */
export const LAN = "lan";
const NEAR = "near";
const FAR = "far";

/** A server's machine and a client's, on one cable, or with a router between them. */
export class Network {
  readonly ends: Readonly<Record<Family, Ends>>;
  readonly #router: { readonly mtu: number } | undefined;
  #lab: Lab | undefined;
  #machines: { server: Namespace; client: Namespace; router: Namespace | undefined } | undefined;

  /** `router.mtu` is the one of the hop behind the router; everything else has 1500. */
  constructor(router?: { readonly mtu: number }) {
    this.#router = router;
    this.ends = router
      ? { IPv4: { server: "10.9.1.1", client: "10.9.2.9" }, IPv6: { server: "fd09:1::1", client: "fd09:2::9" } }
      : { IPv4: { server: "10.9.0.1", client: "10.9.0.9" }, IPv6: { server: "fd09::1", client: "fd09::9" } };
  }

  get lab(): Lab {
    if (!this.#lab) throw new Error("the network is not open");
    return this.#lab;
  }

  get server(): Namespace {
    return this.#open.server;
  }

  get client(): Namespace {
    return this.#open.client;
  }

  get router(): Namespace {
    const { router } = this.#open;
    if (!router) throw new Error("this network has no router");
    return router;
  }

  async open(): Promise<void> {
    const lab = await Lab.open();
    this.#lab = lab;
    const [server, client] = [await lab.namespace("server"), await lab.namespace("client")];
    const router = this.#router && (await lab.namespace("router"));
    this.#machines = { server, client, router };
    if (router) await this.#connectBy(router, this.#router?.mtu);
    else await lab.cable(server, LAN, client, LAN);
    await this.addAddresses("server");
    await this.addAddresses("client");
    if (router) await this.#addRoutes(router);
  }

  async addAddresses(end: keyof Ends): Promise<void> {
    const { IPv4, IPv6 } = this.ends;
    await this.#open[end].addAddresses(LAN, `${IPv4[end]}/24`, `${IPv6[end]}/64`);
  }

  async close(): Promise<void> {
    await this.#lab?.close();
  }

  get #open(): { server: Namespace; client: Namespace; router: Namespace | undefined } {
    if (!this.#machines) throw new Error("the network is not open");
    return this.#machines;
  }

  async #connectBy(router: Namespace, mtu: number | undefined): Promise<void> {
    await this.lab.cable(this.server, LAN, router, NEAR);
    await this.lab.cable(this.client, LAN, router, FAR, mtu);
    await router.sysctl("net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1");
  }

  async #addRoutes(router: Namespace): Promise<void> {
    await router.addAddresses(NEAR, "10.9.1.254/24", "fd09:1::fe/64");
    await router.addAddresses(FAR, "10.9.2.254/24", "fd09:2::fe/64");
    for (const gateway of ["10.9.1.254", "fd09:1::fe"]) await this.server.addRoute("default", gateway);
    for (const gateway of ["10.9.2.254", "fd09:2::fe"]) await this.client.addRoute("default", gateway);
  }
}

/** A network for the tests of one `describe`. */
export function sharedNetwork(router?: { readonly mtu: number }): Network {
  const network = new Network(router);
  beforeAll(() => network.open());
  afterAll(() => network.close());
  return network;
}
