import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  leaseStatus,
  reportStatusRequest,
  unregisterRequest,
} from "../../../src/jumpstarter/wire/controller-messages.ts";
import { driverCall, frame, report, statusReply } from "../../../src/jumpstarter/wire/messages.ts";
import { type Json, value } from "../../../src/jumpstarter/wire/value.ts";

// The bytes were written by Jumpstarter's own stubs (jumpstarter-protocol 0.9.0).
const CALL =
  "0a017512016d1a4d2a4b0a180a095f5f70726f746f5f5f120b2a090a070a016212022a000a2f0a0161122a32280a0911000000000000f03f" +
  "0a091100000000000004c00a041a02c3a90a0208000a0220010a022000";
const REPORT =
  "0a017312060a016b1201761a200a01311a1b0a166a756d70737461727465722e6465762f636c69656e741201431a2c0a01321201311a190a14" +
  "6a756d70737461727465722e6465762f6e616d6512016e22002a070a026f6e120178";

test("a call that Python has written reads as it was, a key named __proto__ among its arguments", () => {
  const { uuid, method, args } = driverCall.decode(Buffer.from(CALL, "hex"));
  expect({ uuid, method }).toEqual({ uuid: "u", method: "m" });
  const [first] = args as [{ readonly [name: string]: Json }];
  expect(first["a"]).toEqual([1, -2.5, "é", null, true, false]);
  expect(Object.getOwnPropertyDescriptor(first, "__proto__")?.value).toEqual({ b: {} });
  expect(Object.getPrototypeOf(first)).toBe(Object.prototype);
});

test("messages are written byte for byte as Python writes them", () => {
  const reports = [
    {
      uuid: "1",
      parentUuid: undefined,
      labels: { "jumpstarter.dev/client": "C" },
      description: undefined,
      methodsDescription: {},
    },
    {
      uuid: "2",
      parentUuid: "1",
      labels: { "jumpstarter.dev/name": "n" },
      description: "",
      methodsDescription: { on: "x" },
    },
  ];
  expect(report.encode({ uuid: "s", labels: { k: "v" }, reports }).toString("hex")).toBe(REPORT);
  expect(frame.encode({ payload: Uint8Array.of(0, 1), frameType: 7 }).toString("hex")).toBe("0a0200011007");
  const status = { status: 4, message: "m", statusVersion: 300, previousStatus: 0 };
  expect(statusReply.encode(status).toString("hex")).toBe("080412016d18ac022000");
  expect(unregisterRequest.encode({ reason: "r" }).toString("hex")).toBe("120172");
  const reported = { status: 2, message: "x", releaseLease: false };
  expect(reportStatusRequest.encode(reported).toString("hex")).toBe("08021201781800");
});

test("an optional field that is absent reads as undefined", () => {
  const read = leaseStatus.decode(Buffer.from("080112016c", "hex"));
  expect(read).toEqual({ leased: true, leaseName: "l", clientName: undefined });
});

test("fields of newer versions are skipped, whatever their wire type", () => {
  // Fields 9 (varint), 10 (64 bits), 11 (bytes) and 12 (32 bits) before the known one.
  const newer = ["4807", "510102030405060708", "5a03010203", "6501020304"];
  expect(leaseStatus.decode(Buffer.from(`${newer.join("")}0801`, "hex")).leased).toBe(true);
});

test("any JSON is read as it was written", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (json) => {
      // JSON has no negative zero; the messages have one.
      const read = JSON.stringify(value.decode(value.encode(json as Json)));
      expect(JSON.parse(read)).toEqual(JSON.parse(JSON.stringify(json)));
    }),
  );
});

test("any bytes are read as a message, or refused as malformed, and nothing else", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const refusals = [driverCall, report, frame, statusReply].map((codec) => refusalOf(() => codec.decode(bytes)));
      expect(refusals.filter((text) => !text.startsWith("Error: malformed protobuf message"))).toEqual([]);
    }),
    { numRuns: 2_000 },
  );
});

/** "Error: malformed protobuf message", too, if there is none. */
function refusalOf(work: () => unknown): string {
  try {
    work();
    return "Error: malformed protobuf message";
  } catch (error) {
    return String(error);
  }
}

test("a value that is nested deeper than the stack goes is refused", () => {
  let nested: Buffer = Buffer.from("0800", "hex");
  // A list in a list in a list: each level is a length and a tag twice.
  for (let level = 0; level < 70; level++) nested = lengthen(0x32, lengthen(0x0a, nested));
  expect(() => value.decode(nested)).toThrow("nested more than 64 deep");
});

function lengthen(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 0x80 ? [length] : [(length & 0x7f) | 0x80, length >> 7];
  return Buffer.concat([Uint8Array.of(tag, ...size), content]);
}
