import { negotiate } from "../../../src/worker/protocol/negotiate.ts";
import { decodeRequest } from "../../../src/worker/protocol/packet.ts";
import { assert } from "../assert.ts";

const TIMING = { retransmitMs: 1_000, maxRetries: 8, maxSilenceMs: 120_000 };
const LIMITS = { maxBlockSize: 8_192, maxWindowSize: 32, windowBytes: 100_000, ...TIMING };
const HEADER = Buffer.from("\0\u0001a\0octet\0", "latin1");

/** Any options: what is granted was asked for, is within the limits, and stands in the OACK byte for byte. */
export function fuzz(data: Uint8Array): void {
  const request = decodeRequest(Buffer.concat([HEADER, data]));
  if (request === undefined) return;
  const { blockSize, windowSize, timing, granted, offer } = negotiate(request.options, LIMITS, 123_456);
  const { intervalMs, fixed } = timing;
  assert(blockSize >= 8 && blockSize <= LIMITS.maxBlockSize, "RFC 2348: a block size is within the limits");
  assert(windowSize >= 1 && windowSize <= LIMITS.maxWindowSize, "RFC 7440: so is a window size");
  assert(windowSize === 1 || windowSize * blockSize <= LIMITS.windowBytes, "a window fits into windowBytes");
  assert(!fixed || (intervalMs >= 10 && intervalMs <= 255_000), "RFC 2349 and utimeout: 10 ms to 255 s");
  for (const name of granted.keys()) assert(request.options.has(name), "RFC 2347: only what was asked for is granted");
  const text = [...granted].map(([name, value]) => `${name}\0${value}\0`).join("");
  const expected = granted.size === 0 ? undefined : Buffer.from(`\0\u0006${text}`, "latin1");
  assert(
    offer === undefined ? expected === undefined : expected?.equals(offer) === true,
    "the OACK says what is granted",
  );
}
