import type { TftpEvent, TftpEventOf, TftpEventType } from "../../contract/events.ts";
import { debug } from "../../shared/debug.ts";
import { EventStream } from "./event-stream.ts";

/** `"*"` gets them all. */
export type EventFilter = TftpEventType | "*";
export type EventFor<Filter extends EventFilter> = Filter extends TftpEventType ? TftpEventOf<Filter> : TftpEvent;
/** May be asynchronous: what it rejects with is reported like what it throws. */
export type EventListener<Event extends TftpEvent = TftpEvent> = (event: Event) => unknown;

/** Hands events to listeners and streams, in order, each listener once. One that throws disturbs neither the others nor the driver. */
export class EventHub {
  readonly #listeners = new Map<EventFilter, Set<{ readonly listener: EventListener }>>();
  readonly #streams = new Set<EventStream>();
  #closed = false;
  readonly #onListenerError: (error: unknown, event: TftpEvent) => void;

  constructor(onListenerError: (error: unknown, event: TftpEvent) => void) {
    this.#onListenerError = onListenerError;
  }

  /** Returns how to unsubscribe; more than once does no harm. */
  on<Filter extends EventFilter>(filter: Filter, listener: EventListener<EventFor<Filter>>): () => void {
    const subscription = { listener: listener as EventListener };
    const subscriptions = this.#listeners.get(filter) ?? new Set();
    this.#listeners.set(filter, subscriptions.add(subscription));
    return () => subscriptions.delete(subscription);
  }

  /** All events from now on; the signal ends it. */
  stream(signal: AbortSignal | undefined): EventStream {
    const stream = new EventStream(signal, (ended) => this.#streams.delete(ended));
    if (this.#closed) stream.end();
    if (!stream.ended) this.#streams.add(stream);
    return stream;
  }

  emit(event: TftpEvent): void {
    debug("event %j", event);
    for (const stream of this.#streams) stream.push(event);
    // A copy: who subscribes during an event gets the next one first.
    const subscriptions = [...(this.#listeners.get(event.type) ?? []), ...(this.#listeners.get("*") ?? [])];
    for (const { listener } of subscriptions) this.#call(listener, event);
  }

  /** There will be no more events. */
  close(): void {
    this.#closed = true;
    for (const stream of this.#streams) stream.end();
  }

  #call(listener: EventListener, event: TftpEvent): void {
    try {
      const result = listener(event);
      if (result instanceof Promise) result.catch((error: unknown) => this.#onListenerError(error, event));
    } catch (error) {
      this.#onListenerError(error, event);
    }
  }
}
