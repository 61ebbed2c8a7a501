import type { IncomingMessage } from "node:http";
import type { Json } from "../wire/value.ts";
import { type ByteStream, CallFailure } from "../drivers/driver-export.ts";
import { type FetchPolicy, isOnNetwork } from "./fetch-policy.ts";
import { getUrl, nameOf, type Reach, type UrlRequest } from "./get-url.ts";

/** How long a fetch may take, in ms; upstream's limit. */
const LONGEST_MS = 7_200_000;

type Handle = { readonly [name: string]: Json | undefined };

/** Whether a handle means a URL that the exporter is to fetch, and not a stream of the client's. */
export function isUrlHandle({ kind }: Handle): boolean {
  return kind === "presigned_request";
}

/**
 * The content of a URL, as an upload.
 * @throws {CallFailure} INVALID_ARGUMENT if it is no GET, FAILED_PRECONDITION if the exporter fetches no URLs.
 */
export function fetchStream(handle: Handle, policy: FetchPolicy, signal: AbortSignal): ByteStream {
  if (policy === "never") {
    throw new CallFailure("UNKNOWN", "handle: this exporter fetches no URLs: download the file, and upload it");
  }
  const reach = { allows: policy === "anywhere" ? (): boolean => true : isOnNetwork };
  return new FetchStream(requestOf(handle), reach, signal);
}

export class FetchStream implements ByteStream {
  readonly #request: UrlRequest;
  readonly #reach: Reach;
  readonly #signal: AbortSignal;
  #response: IncomingMessage | undefined;

  constructor(request: UrlRequest, reach: Reach, signal: AbortSignal) {
    this.#request = request;
    this.#reach = reach;
    this.#signal = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]);
  }

  async *chunks(): AsyncGenerator<Uint8Array, void> {
    this.#response = await getUrl(this.#request, this.#reach, this.#signal);
    try {
      // A connection that ends before all of the content has come is an error of this stream.
      yield* this.#response as AsyncIterable<Uint8Array>;
    } catch (error) {
      const url = nameOf(new URL(this.#request.url));
      throw new CallFailure("UNKNOWN", `GET ${url}: it broke off: ${(error as Error).message}`);
    }
  }

  /** @throws {CallFailure} INVALID_ARGUMENT: nothing is uploaded to a URL. */
  async write(): Promise<void> {
    throw new CallFailure("INVALID_ARGUMENT", "handle: expected a stream to download to, got a URL");
  }

  end(): void {}

  fail(): void {
    this.#response?.destroy();
  }
}

function requestOf({ url, method, headers = {} }: Handle): UrlRequest {
  if (method !== "GET") throw invalid("method", '"GET"');
  if (typeof url !== "string") throw invalid("url", "text");
  if (typeof headers !== "object" || headers === null || Array.isArray(headers)) throw invalid("headers", "an object");
  const entries = Object.entries(headers as Handle);
  if (!entries.every(([, value]) => typeof value === "string")) throw invalid("headers", "an object of text");
  return { url, headers: Object.fromEntries(entries) as Record<string, string> };
}

function invalid(name: string, expected: string): CallFailure {
  return new CallFailure("INVALID_ARGUMENT", `handle: ${name}: expected ${expected}`);
}
