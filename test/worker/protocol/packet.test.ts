import { describe, expect, test } from "vitest";
import { decodeRequest, encodeError, isServedMode, writeDataHeader } from "../../../src/worker/protocol/packet.ts";

function request(text: string): ReturnType<typeof decodeRequest> {
  return decodeRequest(Uint8Array.from(text, (char) => char.charCodeAt(0)));
}

describe("a request", () => {
  test("a request is cut into file, mode in lower case, and options by name in lower case", () => {
    const packet = request("\0\x01a/b\0OcTeT\0BLKSIZE\x001468\0tsize\x000\0");
    expect(packet).toEqual({
      file: Uint8Array.of(97, 47, 98),
      mode: "octet",
      options: new Map([
        ["blksize", "1468"],
        ["tsize", "0"],
      ]),
    });
  });

  test("a request keeps name bytes that are no UTF-8", () => {
    expect(request("\0\x01\xff\xfe\0octet\0")?.file).toEqual(Uint8Array.of(255, 254));
  });

  test.each([
    ["without a file name", "\0\x01\0octet\0"],
    ["that ends inside the file name", "\0\x01abc"],
    ["that ends behind the file name", "\0\x01abc\0"],
    ["that ends inside the mode", "\0\x01abc\0octet"],
    ["of an opcode alone", "\0\x01"],
    ["over 1400 bytes", `\0\x01${"a".repeat(1_392)}\0octet\0`],
  ])("%s is no request", (_, text) => {
    expect(request(text)).toBeUndefined();
  });

  test("a datagram of exactly 1400 bytes is a request", () => {
    expect(request(`\0\x01${"a".repeat(1_391)}\0octet\0`)?.file).toHaveLength(1_391);
  });

  test.each([
    ["an option name without a value", "\0\x01a\0octet\0blksize\x001024\0tsize\0"],
    ["an option value without its NUL", "\0\x01a\0octet\0blksize\x001024\0tsize\x000"],
    ["bytes after the last option", "\0\x01a\0octet\0blksize\x001024\0garbage"],
    ["padding", "\0\x01a\0octet\0blksize\x001024\0\0\0\0\0\0"],
  ])("a request is not spoilt by %s", (_, text) => {
    expect(request(text)?.options).toEqual(new Map([["blksize", "1024"]]));
  });

  test("a request that names an option twice means the first", () => {
    expect(request("\0\x01a\0octet\0blksize\x008\0BlkSize\x009\0")?.options).toEqual(new Map([["blksize", "8"]]));
  });
});

test("octet and netascii are served, mail and anything else is not", () => {
  expect(["octet", "netascii", "mail", "", "binary"].map(isServedMode)).toEqual([true, true, false, false, false]);
});

test("a DATA header carries the block number modulo 65536", () => {
  const packet = new Uint8Array(6);
  writeDataHeader(packet, 2, 65_536 + 0x0102);
  expect([...packet]).toEqual([0, 0, 0, 3, 1, 2]);
});

test("an ERROR is code, text, and a NUL", () => {
  expect(encodeError(1, "no")).toEqual(Uint8Array.of(0, 5, 0, 1, 110, 111, 0));
});

test("an ERROR is no longer than a DATA packet of 512 bytes, and has no part of a character", () => {
  expect(encodeError(0, "x".repeat(2_000))).toHaveLength(516);
  const packet = encodeError(0, "\u00e9".repeat(300));
  expect(packet).toHaveLength(515);
  expect(new TextDecoder("utf-8", { fatal: true }).decode(packet.subarray(4, -1))).toBe("\u00e9".repeat(255));
});
