import { expect, test } from "vitest";
import { hosts, hostsOf, parseHost } from "../../../src/contract/options/host-spec.ts";

test.each([
  ["", { kind: "default-route" }],
  ["*", { kind: "all" }],
  ["192.168.1.17", { kind: "address" }],
  ["0.0.0.0", { kind: "address" }],
  ["::", { kind: "address" }],
  ["fd00::17", { kind: "address" }],
  ["::ffff:127.0.0.1", { kind: "address" }],
  ["fe80::1%eth1", { kind: "address" }],
  ["fe80::1%3", { kind: "address" }],
  // All of its characters are those of addresses.
  ["dead::6", { kind: "address" }],
  ["fade", { kind: "interface", name: "fade", family: undefined }],
  ["fade:6", { kind: "interface", name: "fade", family: "IPv6" }],
  ["eth1", { kind: "interface", name: "eth1", family: undefined }],
  ["eth1:4", { kind: "interface", name: "eth1", family: "IPv4" }],
  ["eth1:6", { kind: "interface", name: "eth1", family: "IPv6" }],
  ["eth0.100", { kind: "interface", name: "eth0.100", family: undefined }],
  ["br-lan", { kind: "interface", name: "br-lan", family: undefined }],
  ["6in4-wan", { kind: "interface", name: "6in4-wan", family: undefined }],
  ["vEthernet (Boards 2):4", { kind: "interface", name: "vEthernet (Boards 2)", family: "IPv4" }],
])("host %j is read as %o", (text, spec) => {
  expect(parseHost(text)).toEqual({ text, ...spec });
});

test.each([
  "192.168.1",
  "192.168.1.256",
  "192.168.1.1/24",
  "192.168.1.1%eth1",
  "localhost",
  "eth1:5",
  "eth1:",
  ":6",
  "eth1,eth2",
  " eth1",
  "eth1 ",
  "eth\n1",
  "eth*",
  "fe80::1%",
  "1:2:3",
  "a".repeat(65),
])("host %j is refused", (text) => {
  expect(parseHost(text)).toBeUndefined();
  expect(hosts().accepts(text)).toBe(false);
  expect(hosts().accepts(["127.0.0.1", text])).toBe(false);
});

test.each([[[]], [[["127.0.0.1"]]], [7], [null], [{}], [Array.from({ length: 257 }, () => "::1")]])(
  "host %j is refused",
  (value) => {
    expect(hosts().accepts(value)).toBe(false);
  },
);

test("a list keeps its order, and what is repeated in it counts once", () => {
  expect(hostsOf(["eth1", "127.0.0.1", "eth1", ""])).toEqual(["eth1", "127.0.0.1", ""]);
  expect(hostsOf("eth1")).toEqual(["eth1"]);
});
