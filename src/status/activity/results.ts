import type { DroppedEvent, TftpEvent } from "../../contract/events/events.ts";
import { describeResult, type Description } from "../text/describe.ts";

/** Something that is over, as people read it. */
export interface Result extends Description {
  /** Grows with each result. A result that comes again under its key replaces itself. */
  readonly key: number;
  /** In milliseconds since the epoch. */
  readonly at: number;
}

/** How many of the latest results are searched for an equal drop, so that both count together. */
const NEARBY = 32;

/** The last results; the rest is forgotten. */
export class Results {
  readonly #keep: number;
  readonly #listeners = new Set<(result: Result) => void>();
  #list: Result[] = [];
  #lastKey = 0;

  constructor(keep: number) {
    this.#keep = keep;
  }

  /** The oldest first. */
  get list(): readonly Result[] {
    return this.#list;
  }

  /** How many are not kept any more. */
  get forgotten(): number {
    return this.#lastKey - this.#list.length;
  }

  /** Calls back on every new or changed result; returns how to unsubscribe. */
  onResult(listener: (result: Result) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  apply(event: TftpEvent): void {
    const result = event.type === "dropped" ? this.#dropped(event) : this.#next(event);
    if (result) for (const listener of this.#listeners) listener(result);
  }

  /** What is no event of a server. @param at in milliseconds since the epoch. */
  add(at: number, description: Description): void {
    const result = this.#push(at, description);
    for (const listener of this.#listeners) listener(result);
  }

  #next(event: TftpEvent): Result | undefined {
    const description = describeResult(event);
    return description && this.#push(event.at, description);
  }

  #push(at: number, description: Description): Result {
    const result = { key: ++this.#lastKey, at, ...description };
    this.#list.push(result);
    // In one go now and then: to take away the first of many costs as much as to take away a tenth.
    if (this.#list.length > this.#keep * 1.1) this.#list = this.#list.slice(-this.#keep);
    return result;
  }

  /** A client that is dropped again and again must not crowd out what others did. */
  #dropped(event: DroppedEvent): Result | undefined {
    const nearby = this.#list.slice(-NEARBY);
    const same = nearby.find(({ drop }) => drop?.reason === event.reason && drop.address === event.client?.address);
    if (!same?.drop) return this.#next(event);
    const count = same.drop.count + event.count;
    const description = describeResult({ ...event, count });
    if (!description) return undefined;
    const result = { key: same.key, at: event.at, ...description };
    this.#list[this.#list.indexOf(same)] = result;
    return result;
  }
}
