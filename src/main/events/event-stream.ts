import type { LostEvents, TftpEvent } from "../../contract/events/events.ts";
import { onAbort } from "../../shared/abort.ts";

/** The most events that wait for a slow reader. */
const CAPACITY = 1_000;

/** What `tftp.events()` yields. */
export type StreamedEvent = TftpEvent | LostEvents;
type Result = IteratorResult<StreamedEvent, undefined>;

/**
 * Events for `for await`, from the call of `tftp.events()` on. A reader that falls behind by more than 1,000 events
 * loses the oldest of them, and gets a `{ type: "lost", count }` in their place.
 */
export interface EventStream extends AsyncIterableIterator<StreamedEvent, undefined> {
  /** Whether no more events will be added; those that wait may still be read. */
  readonly ended: boolean;
  next(): Promise<Result>;
  /** Ends the stream, and drops the events that wait; `break` in a `for await` calls it. */
  return(): Promise<Result>;
  [Symbol.asyncIterator](): EventStream;
}

/**
 * The stream, as the hub sees it.
 * @internal
 */
export class BufferedEventStream implements EventStream {
  readonly #queued: TftpEvent[] = [];
  readonly #readers: ((result: Result) => void)[] = [];
  readonly #onEnd: (stream: BufferedEventStream) => void;
  #unlisten = (): void => {};
  #lost = 0;
  #ended = false;

  /** `onEnd` is called when no more events are wanted. The signal ends the stream like `return()`. */
  constructor(signal: AbortSignal | undefined, onEnd: (stream: BufferedEventStream) => void) {
    this.#onEnd = onEnd;
    this.#unlisten = onAbort(signal, () => void this.return());
  }

  get ended(): boolean {
    return this.#ended;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  push(event: TftpEvent): void {
    const reader = this.#readers.shift();
    if (reader) return reader({ value: event, done: false });
    this.#queued.push(event);
    if (this.#queued.length <= CAPACITY) return;
    this.#queued.shift();
    this.#lost++;
  }

  /** There will be no more events; those that wait may still be read. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#unlisten();
    this.#onEnd(this);
    for (const reader of this.#readers.splice(0)) reader({ value: undefined, done: true });
  }

  async next(): Promise<Result> {
    if (this.#lost > 0) return { value: this.#takeLost(), done: false };
    const value = this.#queued.shift();
    if (value) return { value, done: false };
    if (this.#ended) return { value: undefined, done: true };
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  async return(): Promise<Result> {
    this.#queued.length = 0;
    this.#lost = 0;
    this.end();
    return { value: undefined, done: true };
  }

  #takeLost(): LostEvents {
    const count = this.#lost;
    this.#lost = 0;
    return { type: "lost", at: Date.now(), count };
  }
}
