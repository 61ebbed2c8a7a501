import { isIPv4 } from "node:net";
import type { Endpoint } from "../../../contract/endpoint.ts";
import { isWildcard } from "../../../shared/network/wildcard.ts";
import type { BoundListener, Channel } from "../../transport/transport.ts";

/** Several listeners as one: a reply leaves through the one that the request came to. */
export class ListenerGroup {
  readonly #listeners = new Map<string, BoundListener>();
  /** Those that were removed: each is closed when the last transfer that shares its port has ended. */
  readonly #closing = new Set<Promise<void>>();
  /** The last one of each key that was removed, as long as it is not closed. */
  readonly #removed = new Map<string, BoundListener>();

  /** In the order in which they were added. */
  get bound(): readonly Endpoint[] {
    return Array.from(this.#listeners.values(), ({ bound }) => bound);
  }

  get keys(): readonly string[] {
    return [...this.#listeners.keys()];
  }

  has(key: string): boolean {
    return this.#listeners.has(key);
  }

  add(key: string, listener: BoundListener): void {
    this.#listeners.set(key, listener);
  }

  /** It takes no more requests; what shares its port goes on, and `close` waits for that. Returns what was bound. */
  remove(key: string): Endpoint | undefined {
    const listener = this.#listeners.get(key);
    if (!listener) return undefined;
    this.#listeners.delete(key);
    this.#removed.set(key, listener);
    const closed = listener.close().then(() => {
      this.#closing.delete(closed);
      if (this.#removed.get(key) === listener) this.#removed.delete(key);
    });
    this.#closing.add(closed);
    return listener.bound;
  }

  /** Takes one back that was removed and is not closed: transfers still share its port, so nothing else can bind that. */
  restore(key: string): BoundListener | undefined {
    const listener = this.#removed.get(key);
    this.#removed.delete(key);
    if (!listener?.resume()) return undefined;
    this.#listeners.set(key, listener);
    return listener;
  }

  /** Puts them into the order of `keys`; those that are not among them come last. */
  arrange(keys: readonly string[]): void {
    for (const key of [...keys, ...this.keys.filter((each) => !keys.includes(each))]) {
      const listener = this.#listeners.get(key);
      if (!listener) continue;
      this.#listeners.delete(key);
      this.#listeners.set(key, listener);
    }
  }

  /** A refusal may come late, when the address that was asked is gone: then nothing leaves, and the client asks again. */
  reply(bytes: Uint8Array, client: Endpoint, local: Endpoint): void {
    this.#listenerOf(local.address)?.reply(bytes, client, local);
  }

  /** Likewise, a request for a channel may come late. */
  share(local: Endpoint, client: Endpoint): Channel | undefined {
    return this.#listenerOf(local.address)?.share(local, client);
  }

  /** No request is taken any more, at once. Resolves when all are closed. */
  async close(): Promise<void> {
    for (const key of this.keys) this.remove(key);
    await Promise.all(this.#closing);
  }

  #listenerOf(address: string): BoundListener | undefined {
    const listeners = [...this.#listeners.values()];
    const wildcards = listeners.filter(({ bound }) => isWildcard(bound.address));
    return (
      listeners.find(({ bound }) => bound.address === address) ??
      wildcards.find(({ bound }) => isIPv4(bound.address) === isIPv4(address)) ??
      wildcards.find(({ bound }) => bound.address === "::")
    );
  }
}
