import { describe, expect, test } from "vitest";
import { isAddressRange, parseAddressRange } from "../../../src/contract/options/address-range.ts";

test.each([
  ["192.168.1.17", { address: "192.168.1.17", family: "ipv4", prefix: 32 }],
  ["0.0.0.0/0", { address: "0.0.0.0", family: "ipv4", prefix: 0 }],
  ["255.255.255.255/32", { address: "255.255.255.255", family: "ipv4", prefix: 32 }],
  ["::", { address: "::", family: "ipv6", prefix: 128 }],
  ["fd00::17/64", { address: "fd00::17", family: "ipv6", prefix: 64 }],
  ["2001:DB8::1/128", { address: "2001:DB8::1", family: "ipv6", prefix: 128 }],
])("%s is a range", (text, range) => {
  expect(parseAddressRange(text)).toEqual(range);
});

describe("none is", () => {
  test.each([
    "",
    "/8",
    "1.2.3",
    "1.2.3.256",
    "01.2.3.4",
    "1.2.3.4/33",
    "1.2.3.4/",
    "1.2.3.4/-1",
    "1.2.3.4/8/8",
    "1.2.3.4-1.2.3.9",
    "1.2.3.4:69",
    " 1.2.3.4",
    "::1/129",
    "1::2::3",
    "12345::",
    "[::1]",
    "fe80::1%eth0",
    "localhost",
  ])("%j is no range", (text) => {
    expect(isAddressRange(text)).toBe(false);
  });

  test("an IPv4 address in IPv6 form is no range, for clients go by the IPv4 one", () => {
    expect(isAddressRange("::ffff:192.168.1.17")).toBe(false);
    expect(isAddressRange("::ffff:c0a8:111")).toBe(false);
  });

  test("anything but a string is no range", () => {
    for (const value of [undefined, null, 1, ["1.2.3.4"]]) expect(isAddressRange(value)).toBe(false);
  });
});
