import { expect, test } from "vitest";
import { joinInterfaces } from "../../../../../src/worker/transport/linux/netlink/list-interfaces.ts";
import { decodeMessages, encodeDump, RTM_GETADDR } from "../../../../../src/worker/transport/linux/netlink/messages.ts";

const RTM_NEWLINK = 16;
const RTM_NEWADDR = 20;
const UP = 1;
const TENTATIVE = 0x40;

function message(type: number, body: readonly number[], flags = 0): number[] {
  const length = 16 + body.length;
  return padded([...u32(length), type & 255, type >> 8, flags & 255, flags >> 8, ...u32(0), ...u32(0), ...body]);
}

function attribute(type: number, data: readonly number[]): number[] {
  return padded([(4 + data.length) & 255, 0, type, 0, ...data]);
}

function link(index: number, name: string, flags = UP): number[] {
  const text = [...Buffer.from(`${name}\0`)];
  return message(RTM_NEWLINK, [0, 0, 0, 0, ...u32(index), ...u32(flags), ...u32(0), ...attribute(3, text)]);
}

function address(index: number, bytes: readonly number[], flags = 0, more: readonly number[] = []): number[] {
  const family = bytes.length === 4 ? 2 : 10;
  return message(RTM_NEWADDR, [family, 24, flags, 0, ...u32(index), ...attribute(1, bytes), ...more]);
}

function u32(value: number): number[] {
  return [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];
}

function padded(bytes: number[]): number[] {
  while (bytes.length % 4 !== 0) bytes.push(0);
  return bytes;
}

function decode(...messages: number[][]): ReturnType<typeof decodeMessages> {
  return decodeMessages(Uint8Array.from(messages.flat()));
}

const global6 = [0xfd, ...Array.from({ length: 14 }, () => 0), 1];
const linkLocal = [0xfe, 0x80, ...Array.from({ length: 13 }, () => 0), 1];

test("links and their addresses are read; link-local ones get their zone", () => {
  const messages = decode(
    link(1, "lo"),
    link(7, "eth1"),
    address(1, [127, 0, 0, 1]),
    address(7, [10, 0, 0, 1]),
    address(7, global6),
    address(7, linkLocal),
  );
  expect(joinInterfaces(messages)).toEqual([
    { name: "lo", index: 1, addresses: ["127.0.0.1"] },
    { name: "eth1", index: 7, addresses: ["10.0.0.1", "fd00::1", "fe80::1%eth1"] },
  ]);
});

test("what cannot be bound is left out: addresses of an interface that is down, and tentative ones", () => {
  const wideFlags = attribute(8, u32(TENTATIVE));
  const messages = decode(
    link(7, "eth1"),
    link(8, "eth2", 0),
    address(7, global6, TENTATIVE),
    address(7, linkLocal, 0, wideFlags),
    address(8, [10, 0, 0, 2]),
    address(9, [10, 0, 0, 3]),
  );
  expect(joinInterfaces(messages)).toEqual([
    { name: "eth1", index: 7, addresses: [] },
    { name: "eth2", index: 8, addresses: [] },
  ]);
});

test("of a point-to-point link the own end counts, not the peer's", () => {
  const [found] = decode(address(7, [10, 0, 0, 2], 0, attribute(2, [10, 0, 0, 1])));
  expect(found).toMatchObject({ kind: "address", address: "10.0.0.1" });
});

test("the end of a dump, an error and an interruption are told apart", () => {
  expect(decode(message(3, u32(0)))).toEqual([{ kind: "done" }]);
  expect(decode(message(2, u32(-13)))).toEqual([{ kind: "error", errno: 13 }]);
  expect(decode(message(3, u32(0), 0x12))).toEqual([{ kind: "interrupted" }, { kind: "done" }]);
});

test("lengths that lie end the reading, and are not followed", () => {
  const whole = link(7, "eth1");
  const short = Uint8Array.from([...whole, ...link(8, "eth2").slice(0, 20)]);
  expect(decodeMessages(short)).toEqual([{ kind: "link", index: 7, name: "eth1", isUp: true }]);
  expect(decodeMessages(Uint8Array.from([...u32(3), ...whole.slice(4)]))).toEqual([]);
  const endless = [...whole];
  endless[32] = 0;
  expect(decodeMessages(Uint8Array.from(endless))).toEqual([]);
  for (let length = 0; length < whole.length; length++) decodeMessages(Uint8Array.from(whole.slice(0, length)));
});

test("a dump asks for all addresses of every family", () => {
  const bytes = encodeDump(RTM_GETADDR);
  expect([...bytes.subarray(0, 8)]).toEqual([bytes.length, 0, 0, 0, RTM_GETADDR, 0, 0x01, 0x03]);
  expect([...bytes.subarray(8)].every((byte) => byte === 0)).toBe(true);
});

test("a dump that the kernel breaks off ends with its errno, not as a whole one", () => {
  const done = 3;
  expect(decode(message(done, u32(0)))).toEqual([{ kind: "done" }]);
  expect(decode(message(done, []))).toEqual([{ kind: "done" }]);
  expect(decode(message(done, u32(-90)))).toEqual([{ kind: "error", errno: 90 }]);
});
