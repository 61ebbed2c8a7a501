import { expect, test } from "vitest";
import { clientKey } from "../../../../src/worker/requests/registry/client-key.ts";

test("an IPv4 client counts by its address", () => {
  expect(clientKey("192.0.2.1")).not.toBe(clientKey("192.0.2.2"));
});

test.each([
  ["2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"],
  ["2001:db8::1", "2001:db8:0:0:1::"],
  ["2001:DB8::", "2001:0db8::5"],
  ["::1", "::2"],
  ["64:ff9b::192.0.2.1", "64:ff9b::c000:202"],
  ["fe80::1%eth0", "fe80::2%eth0"],
])("%s and %s are one client: the same IPv6 network of 64 bits", (one, other) => {
  expect(clientKey(one)).toBe(clientKey(other));
});

test.each([
  ["2001:db8:1:2::1", "2001:db8:1:3::1"],
  ["2001:db8::1", "2001:db8:0:1::1"],
  ["fe80::1%eth0", "fe80::1%eth1"],
  ["::1", "1::1"],
])("%s and %s are two clients", (one, other) => {
  expect(clientKey(one)).not.toBe(clientKey(other));
});
