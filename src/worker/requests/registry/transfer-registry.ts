import { Slab } from "../../../shared/slab.ts";
import type { Admission } from "../admission/admission.ts";
import { clientKey, portKey } from "./client-key.ts";
import { PortHolders } from "../ports/port-holders.ts";
import { RecencyQueue } from "./recency-queue.ts";
import type { ClientShare } from "./registry-places.ts";
import type { Endpoint } from "../../../contract/endpoint.ts";
import type { PortRange } from "../../../contract/options/ports.ts";

/**
 * The admissions that hold a place, in tables that grow with their number only. Everything that a request costs here is
 * constant, however many there are.
 */
export class Transfers {
  readonly #running = new Slab<Admission>();
  readonly #clients = new Map<string, ClientShare<Admission>>();
  readonly #unproved = new RecencyQueue<Admission>();
  readonly #portHolders = new PortHolders<Admission>();
  /** The unproved admissions, by the request that drew them. */
  readonly #byRequest = new Map<string, Admission>();
  /** The proved admission of each client port: one at most. */
  readonly #byPort = new Map<string, Admission>();
  readonly #busyListeners: (() => void)[] = [];
  /** Counts requests whose file is being opened, or closed again because the request was given up meanwhile. */
  #opening = 0;
  #allOpened: (() => void) | undefined;
  #drained: (() => void) | undefined;

  get size(): number {
    return this.#running.size;
  }

  /** Calls back whenever a transfer is added. */
  onBusy(listener: () => void): void {
    this.#busyListeners.push(listener);
  }

  /** How many transfers this client has: an IPv4 address, or an IPv6 network of 64 bits. */
  countOf(client: Endpoint): number {
    return this.#clients.get(clientKey(client.address))?.count ?? 0;
  }

  /** The admission that an equal request from the same port drew, if the client has acknowledged nothing of it. */
  unprovedFor(requestKey: string): Admission | undefined {
    return this.#byRequest.get(requestKey);
  }

  /** The admission that the client has acknowledged nothing of for the longest: of that client, or of all. */
  oldestUnproved(client?: Endpoint): Admission | undefined {
    const queue = client ? this.#clients.get(clientKey(client.address))?.unproved : this.#unproved;
    return queue?.oldest;
  }

  /** The same among those that hold a port of the range at that address. */
  oldestWithPort(range: PortRange, { address }: Endpoint): Admission | undefined {
    return this.#portHolders.oldest(range, address);
  }

  holdPort(admission: Admission, range: PortRange): void {
    const unproved = admission.places?.unproved;
    if (unproved) unproved.port = this.#portHolders.add(range, admission.request.local.address, admission);
  }

  leavePort({ places }: Admission): void {
    if (!places?.unproved?.port) return;
    this.#portHolders.delete(places.unproved.port);
    places.unproved.port = undefined;
  }

  add(admission: Admission): void {
    const { client, key } = admission.request;
    const share = this.#shareOf(client);
    share.count++;
    const unproved = { all: this.#unproved.add(admission), client: share.unproved.add(admission) };
    admission.places = { running: this.#running.add(admission), share, unproved };
    this.#byRequest.set(key, admission);
    for (const listener of this.#busyListeners) listener();
  }

  /** The client repeats the request of an unproved admission. */
  renew({ places }: Admission): void {
    if (!places?.unproved) return;
    this.#unproved.renew(places.unproved.all);
    places.share.unproved.renew(places.unproved.client);
    if (places.unproved.port) this.#portHolders.renew(places.unproved.port);
  }

  /** The client has acknowledged something. Returns what the same port had acknowledged before, if that still runs. */
  prove(admission: Admission): Admission | undefined {
    if (!admission.places) return undefined;
    this.#leaveUnproved(admission);
    const port = portKey(admission.request.client);
    const older = this.#byPort.get(port);
    this.#byPort.set(port, admission);
    return older;
  }

  delete(admission: Admission): void {
    const { places } = admission;
    if (!places) return;
    this.#leaveUnproved(admission);
    admission.places = undefined;
    this.#running.delete(places.running);
    const port = portKey(admission.request.client);
    if (this.#byPort.get(port) === admission) this.#byPort.delete(port);
    places.share.count--;
    if (places.share.count === 0) this.#clients.delete(places.share.key);
    if (this.#running.size === 0) this.#drained?.();
  }

  /** Has `opened` wait for it. */
  noteOpening(opening: Promise<void>): void {
    this.#opening++;
    void opening.finally(this.#opened);
  }

  /** Resolves when no file is on its way to a transfer. */
  async opened(): Promise<void> {
    if (this.#opening > 0) await new Promise<void>((resolve) => (this.#allOpened = resolve));
  }

  readonly #opened = (): void => {
    this.#opening--;
    if (this.#opening === 0) this.#allOpened?.();
  };

  /** Resolves when none runs any more, or after `ms`. */
  async drained(ms: number): Promise<void> {
    if (this.#running.size === 0 || ms === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#drained = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#drained = undefined;
  }

  [Symbol.iterator](): Generator<Admission, void> {
    return this.#running[Symbol.iterator]();
  }

  #shareOf(client: Endpoint): ClientShare<Admission> {
    const key = clientKey(client.address);
    const known = this.#clients.get(key);
    if (known) return known;
    const share = { key, count: 0, unproved: new RecencyQueue<Admission>() };
    this.#clients.set(key, share);
    return share;
  }

  #leaveUnproved(admission: Admission): void {
    const { request, places } = admission;
    if (!places?.unproved) return;
    this.leavePort(admission);
    this.#unproved.delete(places.unproved.all);
    places.share.unproved.delete(places.unproved.client);
    places.unproved = undefined;
    this.#byRequest.delete(request.key);
  }
}
