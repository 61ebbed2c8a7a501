import { expect, test } from "vitest";
import { isOnNetwork } from "../../../src/jumpstarter/fetch/fetch-policy.ts";

test.each(["192.168.1.1", "10.0.0.1", "172.16.0.1", "8.8.8.8", "100.64.0.1", "2600::1", "fd12:3456::1"])(
  "%s is on the network",
  (address) => {
    expect(isOnNetwork(address)).toBe(true);
  },
);

test.each([
  "127.0.0.1",
  "127.1.2.3",
  "0.0.0.0",
  "0.1.2.3",
  "::1",
  "::",
  "::ffff:127.0.0.1",
  "::127.0.0.1",
  "::ffff:7f00:1",
  "169.254.169.254",
  "fe80::1",
  "febf::1",
  "::ffff:169.254.169.254",
  "64:ff9b::a9fe:a9fe",
  "fd00:ec2::254",
  "100.100.100.200",
  "192.0.0.192",
  "::ffff:100.100.100.200",
  "fd20:ce::254",
  "224.0.0.1",
  "255.255.255.255",
  "ff02::1",
  "2002:7f00:1::",
  "2001:0:1::",
  "localhost",
  "",
])("%s is not", (address) => {
  expect(isOnNetwork(address)).toBe(false);
});
