import type { Endpoint } from "../../contract/events.ts";
import type { Admission } from "./admission.ts";
import { Slab } from "../../shared/slab.ts";

/** Who is being served: transfers by client port, and how many each client has. */
export class Transfers {
  readonly #running = new Slab<Admission>();
  /** The place of the latest of each client port. */
  readonly #byPort = new Map<string, number>();
  readonly #perClient = new Map<string, number>();
  readonly #busyListeners: (() => void)[] = [];
  /** So many requests whose file is being opened, or closed again because nobody wants it any more. */
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

  /** How many transfers this client address has. */
  countOf(client: Endpoint): number {
    return this.#perClient.get(client.address) ?? 0;
  }

  /** The latest transfer with this client port, if it still runs. */
  with(client: Endpoint): Admission | undefined {
    const place = this.#byPort.get(portKey(client));
    return place === undefined ? undefined : this.#running.at(place);
  }

  add(admission: Admission): void {
    admission.entry = this.#running.add(admission);
    for (const listener of this.#busyListeners) listener();
    this.#byPort.set(portKey(admission.request.client), admission.entry.place);
    this.#perClient.set(admission.request.client.address, this.countOf(admission.request.client) + 1);
  }

  delete(admission: Admission): void {
    const { entry } = admission;
    if (entry === undefined || !this.#running.delete(entry)) return;
    const key = portKey(admission.request.client);
    if (this.#byPort.get(key) === entry.place) this.#byPort.delete(key);
    const left = this.countOf(admission.request.client) - 1;
    if (left === 0) this.#perClient.delete(admission.request.client.address);
    else this.#perClient.set(admission.request.client.address, left);
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
}

function portKey(client: Endpoint): string {
  return `${client.address} ${client.port}`;
}
