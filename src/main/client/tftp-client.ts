import { lookup } from "node:dns/promises";
import { FetchFailed, type FetchRequest } from "./fetch-request.ts";
import { MendedReader } from "./mended-reader.ts";

export { FetchFailed, type FetchRequest } from "./fetch-request.ts";

const WINDOW_SIZE = 16;

/**
 * Fetches a file with the `tftp` package, in mode octet. Resolves with the number of bytes.
 * @throws {FetchFailed}
 * @throws the signal's reason.
 */
export async function fetchFile(request: FetchRequest): Promise<number> {
  request.signal?.throwIfAborted();
  const address = await resolveHost(request.host);
  // The package cannot end a file in a window whose block numbers wrap, but it can in lock-step.
  return (
    (await transfer(request, address, request.windowSize ?? WINDOW_SIZE)) ?? (await transfer(request, address, 1)) ?? 0
  );
}

/** TFTP servers are IPv4 servers, mostly: of two addresses that one is tried. */
async function resolveHost(host: string): Promise<string> {
  try {
    return (await lookup(host, { verbatim: false })).address;
  } catch {
    throw new FetchFailed(`there is no host named ${host}`);
  }
}

/** Resolves with the number of bytes; with undefined, and without any, if the block numbers of a window would wrap. */
function transfer(request: FetchRequest, address: string, windowSize: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { signal } = request;
    const abort = (): void => reader.cancel(signal?.reason);
    signal?.addEventListener("abort", abort);
    const reader = new MendedReader(request, address, windowSize, (error, bytes) => {
      signal?.removeEventListener("abort", abort);
      if (error === undefined) resolve(bytes);
      else reject(error);
    });
    if (signal?.aborted) abort();
  });
}
