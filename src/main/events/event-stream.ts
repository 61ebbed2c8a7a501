import type { LostEvents, TftpEvent } from "../../contract/events.ts";
import { onAbort } from "../../shared/abort.ts";

/** So many events wait for a slow reader. */
const CAPACITY = 1_000;

/** What `tftp.events()` yields. */
export type StreamedEvent = TftpEvent | LostEvents;
type Result = IteratorResult<StreamedEvent, undefined>;

/**
 * Events for `for await`, from the moment on at which it was made. A reader that falls behind by more than 1,000 events
 * loses the oldest of them, and is told how many, at the place where they are missing.
 */
export class EventStream implements AsyncIterableIterator<StreamedEvent, undefined> {
  readonly #waiting: TftpEvent[] = [];
  readonly #readers: ((result: Result) => void)[] = [];
  readonly #onEnd: (stream: EventStream) => void;
  #unlisten = (): void => {};
  #lost = 0;
  #ended = false;

  /** `onEnd` hears that no more events are wanted. The signal ends the stream like `return()`. */
  constructor(signal: AbortSignal | undefined, onEnd: (stream: EventStream) => void) {
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
    this.#waiting.push(event);
    if (this.#waiting.length <= CAPACITY) return;
    this.#waiting.shift();
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
    if (this.#lost > 0) return { value: this.#tellLost(), done: false };
    const value = this.#waiting.shift();
    if (value) return { value, done: false };
    if (this.#ended) return { value: undefined, done: true };
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  /** Nothing is wanted any more; `break` in a `for await` calls it. */
  async return(): Promise<Result> {
    this.#waiting.length = 0;
    this.#lost = 0;
    this.end();
    return { value: undefined, done: true };
  }

  #tellLost(): LostEvents {
    const count = this.#lost;
    this.#lost = 0;
    return { type: "lost", at: Date.now(), count };
  }
}
