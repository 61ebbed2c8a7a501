import { AsyncResource } from "node:async_hooks";
import { TftpError } from "../../contract/errors.ts";
import { type TftpEvent, type TftpEventOf, type TftpEventType, tftpEventTypes } from "../../contract/events/events.ts";
import { showValue } from "../../contract/text/show-value.ts";
import { aborted, onAbort } from "../../shared/abort.ts";
import { debug } from "../../shared/debug.ts";
import { BufferedEventStream, type EventStream } from "./event-stream.ts";

/** The type of the events that are wanted; `"*"` means all of them. */
export type EventFilter = TftpEventType | "*";
export type EventFor<Filter extends EventFilter> = Filter extends TftpEventType ? TftpEventOf<Filter> : TftpEvent;
/** May be asynchronous: what it rejects with is reported like what it throws. */
export type EventListener<Event extends TftpEvent = TftpEvent> = (event: Event) => unknown;

/** Emits events to listeners and streams, in order. One that throws disturbs neither the others nor the driver. */
export class EventHub {
  readonly #listeners = new Map<EventFilter, Set<{ readonly listener: EventListener }>>();
  readonly #streams = new Set<BufferedEventStream>();
  /** How to reject each `once` that still waits. */
  readonly #onces = new Set<(reason: TftpError) => void>();
  #closed = false;
  readonly #onListenerError: (error: unknown, event: TftpEvent) => void;

  constructor(onListenerError: (error: unknown, event: TftpEvent) => void) {
    this.#onListenerError = onListenerError;
  }

  /**
   * Calls the listener in the async context of this call (AsyncLocalStorage), whatever it was that made the event.
   * Returns how to unsubscribe; more than once does no harm.
   * @throws {TftpError} INVALID_OPTION if there is no such type.
   */
  on<Filter extends EventFilter>(filter: Filter, listener: EventListener<EventFor<Filter>>): () => void {
    assertFilter(filter);
    const subscription = { listener: AsyncResource.bind(listener as EventListener) };
    const subscriptions = this.#listeners.get(filter) ?? new Set();
    this.#listeners.set(filter, subscriptions.add(subscription));
    return () => subscriptions.delete(subscription);
  }

  /** @throws {TftpError} INVALID_OPTION if there is no such type; ABORTED by the signal; CLOSED. */
  async once<Filter extends EventFilter>(filter: Filter, signal: AbortSignal | undefined): Promise<EventFor<Filter>> {
    assertFilter(filter);
    if (this.#closed) throw closed();
    return await new Promise((resolve, reject) => {
      const undo: (() => void)[] = [];
      const settle = (): void => undo.forEach((step) => step());
      const fail = (reason: TftpError): void => {
        settle();
        reject(reason);
      };
      const succeed = (event: EventFor<Filter>): void => {
        settle();
        resolve(event);
      };
      this.#onces.add(fail);
      undo.push(() => this.#onces.delete(fail), this.on(filter, succeed));
      undo.push(onAbort(signal, () => fail(aborted("once", signal))));
    });
  }

  /** All events from now on; the signal ends it. */
  stream(signal: AbortSignal | undefined): EventStream {
    const stream = new BufferedEventStream(signal, (ended) => this.#streams.delete(ended));
    if (this.#closed) stream.end();
    if (!stream.ended) this.#streams.add(stream);
    return stream;
  }

  emit(event: TftpEvent): void {
    debug("event %j", event);
    for (const stream of this.#streams) stream.push(event);
    // A copy: a listener that is added during an event gets the next one first.
    const subscriptions = [...(this.#listeners.get(event.type) ?? []), ...(this.#listeners.get("*") ?? [])];
    for (const { listener } of subscriptions) this.#call(listener, event);
  }

  /** There will be no more events. */
  close(): void {
    this.#closed = true;
    for (const stream of this.#streams) stream.end();
    for (const fail of this.#onces) fail(closed());
  }

  #call(listener: EventListener, event: TftpEvent): void {
    try {
      const result = listener(event);
      if (isThenable(result)) result.then(undefined, (error: unknown) => this.#onListenerError(error, event));
    } catch (error) {
      this.#onListenerError(error, event);
    }
  }
}

function assertFilter(filter: unknown): void {
  const known: readonly unknown[] = ["*", ...tftpEventTypes];
  if (known.includes(filter)) return;
  throw new TftpError("INVALID_OPTION", `type: expected one of ${known.join(", ")}, got ${showValue(filter)}`);
}

/** Not `instanceof`: a test runner's promises are of another realm, and a library's are of its own class. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}

function closed(): TftpError {
  return new TftpError("CLOSED", "once: the driver was closed");
}
