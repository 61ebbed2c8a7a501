import type { ServerResponse } from "node:http";

/** The most bytes that may wait for a browser. Beyond that it is disconnected; it reconnects and gets everything again. */
const MAX_BEHIND = 1 << 20;
/** How many pages may be open at once. */
const MAX_PAGES = 16;
/** How long a browser waits before it reconnects, in ms. */
const RETRY = 1_000;

/** Sends server-sent events (WHATWG HTML, 9.2) to browsers. A slow browser delays neither the server nor the others. */
export class SseBroadcaster {
  readonly #pages = new Set<ServerResponse>();
  /** Called when the first page is opened, and when the last one is closed. */
  onPresence: (present: boolean) => void = () => {};

  get size(): number {
    return this.#pages.size;
  }

  /** Begins a stream with a first message; 503 if too many pages are open. */
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

/** One event. JSON without indentation has no line breaks, which would end the data. */
function encode(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
