import { Readable } from "node:stream";
import { transfer } from "comlink";
import { onAbort } from "../../shared/abort.ts";
import { type Lender, ownBytes, type WireStep } from "./wire-values.ts";

type Callback = (...args: unknown[]) => unknown;

/** What the other thread asks of what stays in this one. What it does not know any more is over. */
export interface LentApi {
  next(id: number): Promise<WireStep>;
  stop(id: number): Promise<void>;
  run(id: number, args: readonly unknown[]): Promise<void>;
  /** Resolves once the signal has fired, or cannot matter any more. */
  watch(id: number): Promise<boolean>;
}

interface LentIterator {
  readonly iterator: AsyncIterator<unknown>;
  readonly end: (() => void) | undefined;
}

/** The iterables, callbacks and signals of this thread that the other one uses, by number. */
export class Lent {
  readonly api: LentApi = {
    next: (id) => this.#next(id),
    stop: (id) => this.#stop(id),
    run: async (id, args) => void this.#callbacks.get(id)?.(...args),
    watch: (id) => this.#watch(id),
  };
  readonly #iterators = new Map<number, LentIterator>();
  readonly #callbacks = new Map<number, Callback>();
  readonly #signals = new Map<number, { readonly signal: AbortSignal; readonly over: AbortController }>();
  #last = 0;

  /** Lends until end(): for the arguments of a call that ends with it. */
  scope(): Lender & { end(): void } {
    const ids: number[] = [];
    const note = (id: number): number => {
      ids.push(id);
      return id;
    };
    return {
      iterable: (value) => note(this.iterable(value)),
      callback: (value) => note(this.#keep(this.#callbacks, value)),
      signal: (signal) => note(this.#keep(this.#signals, { signal, over: new AbortController() })),
      end: () => ids.forEach((id) => this.#end(id)),
    };
  }

  /** Lends until it has ended, or is stopped. */
  iterable(value: AsyncIterable<unknown>): number {
    const iterator = value[Symbol.asyncIterator]();
    // A stream that is stopped before its first step would not notice.
    const end = value instanceof Readable ? (): void => void value.destroy() : undefined;
    return this.#keep(this.#iterators, { iterator, end });
  }

  /** The other thread is gone. */
  endAll(): void {
    for (const ids of [this.#iterators, this.#callbacks, this.#signals]) for (const id of ids.keys()) this.#end(id);
  }

  #keep<Value>(map: Map<number, Value>, value: Value): number {
    map.set(++this.#last, value);
    return this.#last;
  }

  #end(id: number): void {
    void this.#stop(id).catch(() => {});
    this.#callbacks.delete(id);
    this.#signals.get(id)?.over.abort();
    this.#signals.delete(id);
  }

  async #next(id: number): Promise<WireStep> {
    const kept = this.#iterators.get(id);
    if (!kept) return { done: true, value: undefined };
    try {
      const { done = false, value } = await kept.iterator.next();
      if (done) this.#iterators.delete(id);
      if (!(value instanceof Uint8Array)) return { done, value };
      const bytes = ownBytes(value, true);
      return transfer({ done, value: bytes }, [bytes.buffer as ArrayBuffer]);
    } catch (error) {
      this.#iterators.delete(id);
      throw error;
    }
  }

  async #stop(id: number): Promise<void> {
    const kept = this.#iterators.get(id);
    this.#iterators.delete(id);
    kept?.end?.();
    await kept?.iterator.return?.();
  }

  #watch(id: number): Promise<boolean> {
    const kept = this.#signals.get(id);
    if (!kept) return Promise.resolve(false);
    return new Promise((resolve) => {
      onAbort(kept.signal, () => resolve(true));
      onAbort(kept.over.signal, () => resolve(false));
    });
  }
}
