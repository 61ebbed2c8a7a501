import { describe, expect, test } from "vitest";
import { negotiate, type NegotiationLimits } from "../../../src/worker/protocol/negotiate.ts";

const timing = { retransmitMs: 700, maxRetries: 8, maxSilenceMs: 120_000 };
const limits = { maxBlockSize: 65_464, maxWindowSize: 64, windowBytes: 0, ...timing };
const size = 1_000;

function offer(
  options: Record<string, string>,
  changed: Partial<NegotiationLimits> = {},
  bytes = size,
): string | undefined {
  const { offer: packet } = negotiate(new Map(Object.entries(options)), { ...limits, ...changed }, bytes);
  return packet && String.fromCharCode(...packet);
}

describe("the OACK", () => {
  test("the OACK holds what is granted, in the order asked, and nothing behind the last NUL", () => {
    expect(offer({ windowsize: "4", tsize: "0", blksize: "1468", timeout: "5" })).toBe(
      "\0\x06windowsize\x004\0tsize\x001000\0blksize\x001468\0timeout\x005\0",
    );
  });

  test("the OACK is absent if nothing is granted", () => {
    expect(offer({})).toBeUndefined();
    expect(offer({ rollover: "2", multicast: "", blksize: "7" })).toBeUndefined();
  });

  test("the OACK does not grant the names that every object has", () => {
    expect(offer({ constructor: "1", __proto__: "1", toString: "1" })).toBeUndefined();
  });

  test("the OACK confirms the defaults to a client that asks for them", () => {
    expect(offer({ blksize: "512", windowsize: "1" })).toBe("\0\x06blksize\x00512\0windowsize\x001\0");
  });
});

describe("blksize (RFC 2348)", () => {
  test.each([
    ["8", "8"],
    ["65464", "65464"],
    ["65465", "65464"],
    ["99999999999999999999999", "65464"],
  ])("blksize %s is granted as %s", (asked, granted) => {
    expect(offer({ blksize: asked })).toBe(`\0\x06blksize\0${granted}\0`);
  });

  test.each(["7", "0", "-8", "+512", "512 ", "0x200", "5e2", "512.0", "", "abc"])("blksize %j is ignored", (asked) => {
    expect(offer({ blksize: asked })).toBeUndefined();
  });

  test("blksize is granted up to the server's limit", () => {
    expect(offer({ blksize: "9000" }, { maxBlockSize: 1_468 })).toBe("\0\x06blksize\x001468\0");
  });
});

describe("windowsize (RFC 7440)", () => {
  test.each([
    ["1", "1"],
    ["64", "64"],
    ["65", "64"],
    ["65535", "64"],
  ])("windowsize %s is granted as %s", (asked, granted) => {
    expect(offer({ windowsize: asked })).toBe(`\0\x06windowsize\0${granted}\0`);
  });

  test.each(["0", "65536", "-1", "junk", ""])("windowsize %j is ignored", (asked) => {
    expect(offer({ windowsize: asked })).toBeUndefined();
  });
});

describe("windowBytes", () => {
  test.each([
    [65_536, "1468", "44"],
    [65_536, "512", "64"],
    [65_464, "65464", "1"],
    [8, "65464", "1"],
    [0, "65464", "64"],
  ])("with windowBytes %i and blksize %s, windowsize 64 is granted as %s", (windowBytes, blksize, windowsize) => {
    const granted = `\0\x06windowsize\0${windowsize}\0blksize\0${blksize}\0`;
    expect(offer({ windowsize: "64", blksize }, { windowBytes })).toBe(granted);
  });

  test("windowBytes counts in blocks of 512 bytes if no blksize is asked for", () => {
    expect(offer({ windowsize: "64" }, { windowBytes: 4_096 })).toBe("\0\x06windowsize\x008\0");
  });
});

describe("rollover (tftp-hpa)", () => {
  test.each(["0", "1"] as const)("rollover %s is confirmed as asked", (asked) => {
    expect(offer({ rollover: asked })).toBe(`\0\x06rollover\0${asked}\0`);
    expect(negotiate(new Map([["rollover", asked]]), limits, size).rollover).toBe(Number(asked));
  });

  test.each(["2", "65535", "-1", "", "one"])("rollover %j is ignored, and block 0 follows 65535", (asked) => {
    expect(offer({ rollover: asked })).toBeUndefined();
    expect(negotiate(new Map([["rollover", asked]]), limits, size).rollover).toBe(0);
  });

  test("with rollover 1 a window has one block less than there are numbers", () => {
    const options = { rollover: "1", windowsize: "65535" };
    expect(offer(options, { maxWindowSize: 65_535 })).toBe("\0\x06rollover\x001\0windowsize\x0065534\0");
    expect(offer({ ...options, rollover: "0" }, { maxWindowSize: 65_535 })).toContain("windowsize\x0065535");
  });
});

describe("msftwindow (Windows Deployment Services)", () => {
  const granting = { variableWindow: true, maxWindowSize: 255 };

  test("msftwindow 31416 is answered by 27182, beside windowsize or alone", () => {
    expect(offer({ windowsize: "4", msftwindow: "31416" }, granting)).toBe(
      "\0\x06windowsize\x004\0msftwindow\x0027182\0",
    );
    expect(offer({ msftwindow: "31416" }, granting)).toBe("\0\x06msftwindow\x0027182\0");
  });

  test.each(["27182", "0", "", "31416 "])("msftwindow %j is ignored", (asked) => {
    expect(offer({ msftwindow: asked }, granting)).toBeUndefined();
  });

  test("msftwindow is ignored without a profile, or if the largest window that it can ask for is over a limit", () => {
    const options = { msftwindow: "31416", blksize: "1456" };
    const granted = "msftwindow\x0027182\0";
    expect(offer(options, { ...granting, windowBytes: 255 * 1_456 })).toContain(granted);
    expect(offer(options, { ...granting, windowBytes: 255 * 1_456 - 1 })).not.toContain(granted);
    expect(offer(options, { ...granting, maxWindowSize: 254 })).not.toContain(granted);
    expect(offer(options, { maxWindowSize: 255 })).not.toContain(granted);
  });
});

describe("utimeout (tftp-hpa)", () => {
  test.each([
    ["10000", 10],
    ["250500", 250.5],
    ["255000000", 255_000],
  ])("utimeout %s is confirmed as asked, and is the interval in microseconds", (asked, intervalMs) => {
    const { offer: packet, timing: settled } = negotiate(new Map([["utimeout", asked]]), limits, size);
    expect(String.fromCharCode(...(packet ?? []))).toBe(`\0\x06utimeout\0${asked}\0`);
    expect(settled).toMatchObject({ intervalMs, fixed: true });
  });

  test.each(["9999", "255000001", "0", "-1", "1e6", ""])("utimeout %j is ignored", (asked) => {
    expect(offer({ utimeout: asked })).toBeUndefined();
  });

  test.each([
    [["timeout", "utimeout"], 500],
    [["utimeout", "timeout"], 2_000],
  ])("of %j both are confirmed, and the later one is the interval", (names, intervalMs) => {
    const values: Record<string, string> = { timeout: "2", utimeout: "500000" };
    const asked = new Map(names.map((name) => [name, values[name] ?? ""]));
    const { granted, timing: settled } = negotiate(asked, limits, size);
    expect([...granted.keys()]).toEqual(names);
    expect(settled.intervalMs).toBe(intervalMs);
  });
});

describe("timeout (RFC 2349)", () => {
  test.each(["1", "255"])("timeout %s is confirmed as asked, and is the interval", (asked) => {
    const { offer: packet, timing: settled } = negotiate(new Map([["timeout", asked]]), limits, size);
    expect(String.fromCharCode(...(packet ?? []))).toBe(`\0\x06timeout\0${asked}\0`);
    expect(settled).toMatchObject({ intervalMs: Number(asked) * 1_000, fixed: true });
  });

  test("without timeout the interval is the server's, and follows the round trip", () => {
    expect(negotiate(new Map(), limits, size).timing).toEqual({
      intervalMs: 700,
      fixed: false,
      maxRetries: 8,
      maxSilenceMs: 120_000,
    });
  });

  test.each(["0", "256", "3000", "1.5", ""])("timeout %j is ignored", (asked) => {
    expect(offer({ timeout: asked })).toBeUndefined();
  });
});

describe("tsize (RFC 2349)", () => {
  test.each(["0", "12345", "junk", ""])("tsize is the size, whatever value the request carries: %j", (asked) => {
    expect(offer({ tsize: asked })).toBe("\0\x06tsize\x001000\0");
  });

  test("tsize is 0 for an empty file", () => {
    expect(offer({ tsize: "0" }, {}, 0)).toBe("\0\x06tsize\x000\0");
  });

  test("tsize is left out if the size is not known", () => {
    const { offer: packet } = negotiate(new Map([["tsize", "0"]]), limits, undefined);
    expect(packet).toBeUndefined();
  });
});
