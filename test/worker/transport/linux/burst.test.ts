import { afterEach, expect, test, vi } from "vitest";
import type { Endpoint } from "../../../../src/contract/endpoint.ts";
import { AF_INET, EAGAIN } from "../../../../src/worker/transport/linux/system/abi.ts";
import type { Libc } from "../../../../src/worker/transport/linux/system/libc.ts";
import { NativeListener } from "../../../../src/worker/transport/linux/native-listener.ts";
import { PathMemory } from "../../../../src/worker/transport/linux/sockets/path-memory.ts";
import type { NativeSockets } from "../../../../src/worker/transport/linux/sockets/native-sockets.ts";

afterEach(() => void vi.restoreAllMocks());

test("a burst of requests is interrupted after 64 datagrams, so that running transfers get their turn", () => {
  expect(takenOf(1_000, 0)).toBe(64);
});

test("a burst of requests that are dear is interrupted after 2 ms", () => {
  expect(takenOf(1_000, 0.25)).toBe(8);
});

test("a burst ends with the last datagram", () => {
  expect(takenOf(1, 0)).toBe(1);
});

/** How many of so many datagrams, each of which takes so many ms, are taken in one go. */
function takenOf(datagrams: number, costMs: number): number {
  let taken = 0;
  vi.spyOn(performance, "now").mockImplementation(() => taken * costMs);
  const receiveMessages = (_descriptor: number, _headers: number, most: number): number =>
    taken < datagrams ? Math.min(most, datagrams - taken) : -EAGAIN;
  const libc = { receiveMessages, addressOf: () => 0 } as unknown as Libc;
  const bound: Endpoint = { address: "127.0.0.1", port: 69 };
  const sockets = { libc, nameOf: () => bound, poller: { add: () => {} } } as unknown as NativeSockets;
  const receive = (): void => void taken++;
  const receiver = { onRequest: receive, onNotUnicast: receive, onReplyLost: () => {}, onError: () => {} };
  new NativeListener(sockets, AF_INET, receiver, { paths: new PathMemory(), mtuOf: async () => 1_500 }).onReadable(0);
  return taken;
}
