import type { PortRange } from "../../../contract/options/ports.ts";
import { type QueueEntry, RecencyQueue } from "../registry/recency-queue.ts";

/** A holder's place among those of the same range and address. */
export interface PortPlace<Holder> {
  readonly key: string;
  readonly entry: QueueEntry<Holder>;
}

/** The unproved admissions that hold a port of a range, by age: to end another one would free no port. */
export class PortHolders<Holder> {
  readonly #queues = new Map<string, RecencyQueue<Holder>>();

  oldest(range: PortRange, address: string): Holder | undefined {
    return this.#queues.get(keyOf(range, address))?.oldest;
  }

  add(range: PortRange, address: string, holder: Holder): PortPlace<Holder> {
    const key = keyOf(range, address);
    const queue = this.#queues.get(key) ?? new RecencyQueue<Holder>();
    this.#queues.set(key, queue);
    return { key, entry: queue.add(holder) };
  }

  renew({ key, entry }: PortPlace<Holder>): void {
    this.#queues.get(key)?.renew(entry);
  }

  /** Must not be called twice for one place. */
  delete({ key, entry }: PortPlace<Holder>): void {
    const queue = this.#queues.get(key);
    queue?.delete(entry);
    if (queue?.oldest === undefined) this.#queues.delete(key);
  }
}

function keyOf({ from, to }: PortRange, address: string): string {
  return `${from}-${to} ${address}`;
}
