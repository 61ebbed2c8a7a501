import { expect, test } from "vitest";
import { ListenerGroup } from "../../../../src/worker/server/listening/listener-group.ts";
import type { BoundListener } from "../../../../src/worker/transport/transport.ts";

const client = { address: "10.0.0.9", port: 1_024 };

/** Says which of the listeners a reply from that address leaves through. */
function leavesThrough(local: string, ...bound: readonly string[]): string | undefined {
  const group = new ListenerGroup();
  let through: string | undefined;
  for (const address of bound) group.add(address, listener(address, { onReply: () => (through = address) }));
  group.reply(new Uint8Array(4), client, { address: local, port: 69 });
  return through;
}

function notShared(): never {
  throw new Error("no transfer runs here");
}

function listener(address: string, { onReply = () => {}, closed = Promise.resolve() }): BoundListener {
  return { bound: { address, port: 69 }, reply: onReply, share: notShared, close: () => closed, resume: () => false };
}

test.each([
  ["10.0.0.1", ["10.0.0.2", "10.0.0.1"], "10.0.0.1"],
  ["10.0.0.1", ["0.0.0.0", "10.0.0.1"], "10.0.0.1"],
  ["10.0.0.7", ["::", "0.0.0.0"], "0.0.0.0"],
  ["fd00::7", ["0.0.0.0", "::"], "::"],
  // The socket on :: serves both families.
  ["10.0.0.7", ["fd00::1", "::"], "::"],
  // The address is gone.
  ["10.0.0.7", ["10.0.0.1", "fd00::1"], undefined],
  ["fd00::7", ["0.0.0.0"], undefined],
])("a reply from %s leaves, of %j, through %s", (local, bound, through) => {
  expect(leavesThrough(local, ...bound)).toBe(through);
});

test("close() waits for listeners that were removed before, and take their time", async () => {
  const group = new ListenerGroup();
  let close: (() => void) | undefined;
  group.add("a", listener("10.0.0.1", { closed: new Promise((resolve) => (close = resolve)) }));
  expect(group.remove("a")).toEqual({ address: "10.0.0.1", port: 69 });
  expect(group.remove("a")).toBeUndefined();
  let isClosed = false;
  const closing = group.close().then(() => (isClosed = true));
  await Promise.resolve();
  expect(isClosed).toBe(false);
  close?.();
  await closing;
});
