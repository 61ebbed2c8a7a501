import type { ServerResponse } from "node:http";

/** A browser that has so many bytes waiting is dropped; it comes back by itself, and gets everything anew. */
const MAX_BEHIND = 1 << 20;
/** So many pages at once. */
const MAX_PAGES = 16;
/** After so long, in ms, a browser tries again. */
const RETRY = 1_000;

/** Server-sent events (WHATWG HTML, 9.2) to any number of browsers, none of which can hold the server up. */
export class SseBroadcaster {
  readonly #pages = new Set<ServerResponse>();
  /** Whether there is anybody has changed. */
  onPresence: (present: boolean) => void = () => {};

  get size(): number {
    return this.#pages.size;
  }

  /** Begins a stream with a first message; too many pages are told to come back later. */
  admit(response: ServerResponse, event: string, data: unknown): void {
    if (this.#pages.size >= MAX_PAGES) {
      response.writeHead(503, { "Content-Type": "text/plain; charset=utf-8", "Retry-After": "10" });
      response.end("too many open pages, try again later\n");
      return;
    }
    response.writeHead(200, { "Content-Type": "text/event-stream; charset=utf-8" });
    response.write(`retry: ${RETRY}\n${encode(event, data)}`);
    response.on("close", () => this.#forget(response));
    this.#pages.add(response);
    if (this.#pages.size === 1) this.onPresence(true);
  }

  send(event: string, data: unknown): void {
    if (this.#pages.size === 0) return;
    const message = encode(event, data);
    for (const page of this.#pages) {
      if (page.writableLength > MAX_BEHIND) page.destroy();
      else page.write(message);
    }
  }

  end(): void {
    for (const page of this.#pages) page.end();
  }

  #forget(response: ServerResponse): void {
    if (this.#pages.delete(response) && this.#pages.size === 0) this.onPresence(false);
  }
}

/** JSON has no line breaks of its own. */
function encode(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
