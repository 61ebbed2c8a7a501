import { expect, test } from "vitest";
import type { Message } from "../../../../../src/worker/transport/linux/system/message.ts";
import type { NativeSharedChannel } from "../../../../../src/worker/transport/linux/single-port/native-shared-channel.ts";
import { SharedTable } from "../../../../../src/worker/transport/linux/single-port/shared-table.ts";
import {
  encodeAddress,
  familyOf,
  SOCKADDR_MAX,
} from "../../../../../src/worker/transport/linux/system/socket-address.ts";

/** A struct sockaddr in 32-bit words, and behind an IPv4 one what an earlier datagram may have left. */
function words(address: string, port: number): Uint32Array {
  const bytes = new Uint8Array(SOCKADDR_MAX).fill(port & 255);
  bytes.set(encodeAddress({ address, port }));
  return new Uint32Array(bytes.buffer);
}

function channel(client: string, port: number, local: string): NativeSharedChannel {
  return { clientWords: words(client, port), local } as NativeSharedChannel;
}

function message(client: string, port: number, to: string | undefined, isUnicast = true): Message {
  return { senderWords: words(client, port), destination: { address: to, isUnicast } } as Message;
}

test.each([
  ["192.0.2.7", "192.0.2.8", "192.0.2.1", "192.0.2.2"],
  ["2001:db8::7", "2001:db8:1::7", "2001:db8::1", "2001:db8::2"],
  ["fe80::7", "fe80::8", "fe80::1%eth0", "fe80::1%eth1"],
  ["::ffff:192.0.2.7", "::ffff:192.0.2.8", "192.0.2.1", "192.0.2.2"],
])("a datagram of %s is its channel's by address, port and destination", (client, other, local, elsewhere) => {
  const table = new SharedTable(familyOf(client));
  const one = channel(client, 2_000, local);
  table.add(one);
  expect(table.find(message(client, 2_000, local), elsewhere)).toBe(one);
  expect(table.find(message(client, 2_001, local), local)).toBeUndefined();
  expect(table.find(message(other, 2_000, local), local)).toBeUndefined();
  expect(table.find(message(client, 2_000, elsewhere), local)).toBeUndefined();
});

test("a datagram whose destination is not known was sent to what is bound", () => {
  const table = new SharedTable(familyOf("192.0.2.7"));
  const one = channel("192.0.2.7", 2_000, "0.0.0.0");
  table.add(one);
  expect(table.find(message("192.0.2.7", 2_000, undefined), "0.0.0.0")).toBe(one);
});

test("a broadcast is no channel's", () => {
  const table = new SharedTable(familyOf("192.0.2.7"));
  table.add(channel("192.0.2.7", 2_000, "192.0.2.1"));
  expect(table.find(message("192.0.2.7", 2_000, "192.0.2.1", false), "192.0.2.1")).toBeUndefined();
});

test("a channel takes the place of the one with the same ends, and the older one's end does not end it", () => {
  const table = new SharedTable(familyOf("192.0.2.7"));
  const [one, next] = [1, 2].map(() => channel("192.0.2.7", 2_000, "192.0.2.1"));
  if (!one || !next) throw new Error("no channels");
  table.add(one);
  table.add(next);
  expect(table.size).toBe(1);
  table.delete(one);
  expect(table.find(message("192.0.2.7", 2_000, "192.0.2.1"), "")).toBe(next);
  table.delete(next);
  expect(table.size).toBe(0);
  expect(table.find(message("192.0.2.7", 2_000, "192.0.2.1"), "")).toBeUndefined();
});

test("10,000 channels are each found", () => {
  const table = new SharedTable(familyOf("192.0.2.7"));
  const all = Array.from({ length: 10_000 }, (_, index) =>
    channel(`10.1.${index >> 8}.${index & 255}`, 69, "10.0.0.1"),
  );
  for (const each of all) table.add(each);
  const found = all.map((_, index) => table.find(message(`10.1.${index >> 8}.${index & 255}`, 69, "10.0.0.1"), ""));
  expect(found.every((each, index) => each === all[index])).toBe(true);
});
