import type { ServerResponse } from "node:http";

/**
 * The most bytes that may wait for a browser, besides its first message: with 500 results of long names that alone may be
 * more. Beyond that the browser is disconnected; it reconnects and gets everything again.
 */
const MAX_BEHIND = 1 << 20;
/** At most this many pages may be open at once. */
const MAX_PAGES = 16;
/** A page that has read nothing of what waits for it for this long is dropped, in ms. */
const STALL_MS = 30_000;
/** Once there are too many, the oldest makes room for a new one if it is open for longer than this, in ms. */
const TENURE_MS = 60_000;
/** How long a browser waits before it reconnects, in ms. */
const RETRY = 1_000;

interface Stream {
  /** By the broadcaster's clock, in ms. */
  readonly since: number;
  /** The most bytes that may wait for it. */
  readonly limit: number;
  /** Since when something has waited for it all the time; undefined: it keeps up. */
  behindSince: number | undefined;
}

/** Sends server-sent events (WHATWG HTML, 9.2) to browsers. A slow browser delays neither the server nor the others. */
export class SseBroadcaster {
  /** The oldest first. */
  readonly #pages = new Map<ServerResponse, Stream>();
  readonly #now: () => number;
  /** Called when the first page is opened, and when the last one is closed. */
  onPresence: (present: boolean) => void = () => {};

  /** `now`: a clock in ms that never goes back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get size(): number {
    return this.#pages.size;
  }

  /** How many pages have not read all of what was sent. */
  get behind(): number {
    return [...this.#pages.keys()].filter(({ writableLength }) => writableLength > 0).length;
  }

  /**
   * Begins a stream with a first message. Beyond the limit the oldest page makes room if it is no longer new: a browser
   * that lost its place comes back by itself, and one that has stalled does not. Otherwise the new one gets a 503.
   */
  admit(response: ServerResponse, event: string, data: unknown): void {
    this.#makeRoom();
    if (this.#pages.size >= MAX_PAGES) {
      response.writeHead(503, { "Content-Type": "text/plain; charset=utf-8", "Retry-After": "10" });
      response.end("too many open pages, try again later\n");
      return;
    }
    response.writeHead(200, { "Content-Type": "text/event-stream; charset=utf-8" });
    const first = `retry: ${RETRY}\n${encode(event, data)}`;
    response.write(first);
    response.on("close", () => this.#forget(response));
    const limit = MAX_BEHIND + Buffer.byteLength(first);
    this.#pages.set(response, { since: this.#now(), limit, behindSince: undefined });
    if (this.#pages.size === 1) this.onPresence(true);
  }

  send(event: string, data: unknown): void {
    if (this.#pages.size === 0) return;
    const message = encode(event, data);
    const now = this.#now();
    for (const [page, stream] of this.#pages) {
      stream.behindSince = page.writableLength > 0 ? (stream.behindSince ?? now) : undefined;
      if (page.writableLength > stream.limit || now - (stream.behindSince ?? now) >= STALL_MS) page.destroy();
      else page.write(message);
    }
  }

  end(): void {
    for (const page of this.#pages.keys()) page.end();
  }

  #makeRoom(): void {
    if (this.#pages.size < MAX_PAGES) return;
    for (const [page, { since }] of this.#pages) {
      if (this.#now() - since < TENURE_MS) return;
      this.#forget(page);
      page.destroy();
      return;
    }
  }

  #forget(response: ServerResponse): void {
    if (this.#pages.delete(response) && this.#pages.size === 0) this.onPresence(false);
  }
}

/** One event. JSON without indentation has no line breaks, which would end the data. */
function encode(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
