import { Readable } from "node:stream";

/** A value as it crosses the port: what can be cloned, or the number of what stays in its thread. */
export type Wire =
  | { readonly plain: unknown }
  | { readonly iterable: number; readonly isStream: boolean }
  | { readonly callback: number }
  | { readonly signal: number }
  | { readonly fields: { readonly [name: string]: Wire } };

/** A step of an iteration. */
export interface WireStep {
  readonly done: boolean;
  readonly value: unknown;
}

/** Keeps what stays in this thread, and numbers it. */
export interface Lender {
  iterable(value: AsyncIterable<unknown>): number;
  callback(value: (...args: unknown[]) => unknown): number;
  signal(value: AbortSignal): number;
}

/** Reaches what stays in the other thread. */
export interface Borrower {
  next(id: number): Promise<WireStep>;
  stop(id: number): void;
  run(id: number, args: readonly unknown[]): void;
  watch(id: number): Promise<boolean>;
}

export function encode(value: unknown, lender: Lender): Wire {
  if (typeof value === "function") return { callback: lender.callback(value as never) };
  if (typeof value !== "object" || value === null) return { plain: value };
  if (value instanceof Uint8Array) return { plain: ownBytes(value) };
  if (value instanceof AbortSignal) return { signal: lender.signal(value) };
  if (isIterable(value)) return { iterable: lender.iterable(value), isStream: value instanceof Readable };
  // Options: an object that may hold a signal or a callback.
  if (!Object.values(value).some(staysHere)) return { plain: value };
  return { fields: Object.fromEntries(Object.entries(value).map(([name, each]) => [name, encode(each, lender)])) };
}

/** @param onEnd Called when what it is has ended, if it is an iterable. */
export function decode(wire: Wire, borrower: Borrower, onEnd = (): void => {}): unknown {
  if ("plain" in wire) return wire.plain;
  if ("fields" in wire) {
    return Object.fromEntries(Object.entries(wire.fields).map(([name, each]) => [name, decode(each, borrower)]));
  }
  if ("callback" in wire) return (...args: unknown[]) => borrower.run(wire.callback, args);
  if ("signal" in wire) return signalOf(wire.signal, borrower);
  const iterable = iterate(wire.iterable, borrower, onEnd);
  return wire.isStream ? Readable.from(iterable, { objectMode: false }) : iterable;
}

/** The bytes alone: what is cloned takes all of its memory along, other content of it, too. */
export function ownBytes(bytes: Uint8Array, always = false): Uint8Array {
  return always || bytes.length < bytes.buffer.byteLength ? Uint8Array.from(bytes) : bytes;
}

function isIterable(value: object): value is AsyncIterable<unknown> {
  return Symbol.asyncIterator in value;
}

function staysHere(value: unknown): boolean {
  if (typeof value === "function" || value instanceof AbortSignal) return true;
  return typeof value === "object" && value !== null && isIterable(value);
}

function signalOf(id: number, borrower: Borrower): AbortSignal {
  const controller = new AbortController();
  borrower.watch(id).then(
    (isAborted) => void (isAborted && controller.abort()),
    // The other thread is gone: nobody waits for the call any more.
    () => controller.abort(),
  );
  return controller.signal;
}

function iterate(id: number, borrower: Borrower, onEnd: () => void): AsyncIterableIterator<unknown, undefined> {
  let isOver = false;
  const end = { done: true, value: undefined } as const;
  const conclude = (): typeof end => {
    isOver = true;
    onEnd();
    return end;
  };
  return {
    next: async () => {
      if (isOver) return end;
      try {
        const { done, value } = await borrower.next(id);
        return done ? conclude() : { done: false, value };
      } catch (error) {
        conclude();
        throw error;
      }
    },
    // Also before the first step, where a generator's end would not be noticed.
    return: async () => {
      if (!isOver) borrower.stop(id);
      return conclude();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
