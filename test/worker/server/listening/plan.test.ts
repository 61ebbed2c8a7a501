import { expect, test } from "vitest";
import { parseHost } from "../../../../src/contract/options/host-spec.ts";
import type { Interfaces } from "../../../../src/worker/transport/interfaces.ts";
import { type Machine, MAX_BINDS, type Plan, planBinds } from "../../../../src/worker/server/listening/plan.ts";

const eth1 = { name: "eth1", index: 3, addresses: ["fe80::1%eth1", "fd00::1", "10.0.0.1", "10.0.0.2"] };
const eth2 = { name: "eth2", index: 4, addresses: ["10.0.0.1", "10.0.9.1"] };
const dual = { all: ["::"], isDual: true };
const single = { all: ["0.0.0.0", "::"], isDual: false };

function plan(hosts: readonly string[], machine: Partial<Machine> = {}): Plan {
  const specs = hosts.flatMap((text) => parseHost(text) ?? []);
  const interfaces: Interfaces = { list: [eth1, eth2], isComplete: true };
  return planBinds(specs, { interfaces, wildcards: dual, defaultRoute: undefined, device: undefined, ...machine });
}

function keysOf({ targets }: Plan): string[] {
  return targets.map(({ key }) => key);
}

function addresses({ targets }: Plan): string[] {
  return targets.map(({ address }) => address);
}

test("an interface stands for its addresses: IPv4 first, link-local ones last", () => {
  expect(addresses(plan(["eth1"]))).toEqual(["10.0.0.1", "10.0.0.2", "fd00::1", "fe80::1%eth1"]);
  expect(addresses(plan(["eth1:4"]))).toEqual(["10.0.0.1", "10.0.0.2"]);
  expect(addresses(plan(["eth1:6"]))).toEqual(["fd00::1", "fe80::1%eth1"]);
  expect(addresses(plan(["eth9"]))).toEqual([]);
});

test("the order is that of the entries, and an address that two of them have is bound once", () => {
  const planned = plan(["10.0.9.1", "eth2", "eth1:4"]);
  expect(addresses(planned)).toEqual(["10.0.9.1", "10.0.0.1", "10.0.0.2"]);
  expect(Array.from(planned.keys, ([{ text }, keys]) => [text, keys])).toEqual([
    ["10.0.9.1", ["10.0.9.1"]],
    ["eth2", ["10.0.0.1", "10.0.9.1"]],
    ["eth1:4", ["10.0.0.1", "10.0.0.2"]],
  ]);
});

test.each([
  [["10.0.0.1", "0.0.0.0"], ["0.0.0.0"]],
  [
    ["fd00::1", "0.0.0.0"],
    ["fd00::1", "0.0.0.0"],
  ],
  [["eth1", "::"], ["::"]],
  [["0.0.0.0", "::"], ["::"]],
  [["*", "10.0.0.1"], ["::"]],
])("%j is bound as %j where :: takes IPv4 too", (hosts, bound) => {
  const planned = plan(hosts);
  expect(addresses(planned)).toEqual(bound);
  // An entry that is covered is served, and not missing.
  expect([...planned.keys.keys()].map(({ text }) => text)).toEqual(hosts);
});

test.each([
  [
    ["eth1:4", "::"],
    ["10.0.0.1", "10.0.0.2", "::"],
  ],
  [["*"], ["0.0.0.0", "::"]],
])("%j is bound as %j where :: is IPv6 only", (hosts, bound) => {
  expect(addresses(plan(hosts, { wildcards: single }))).toEqual(bound);
});

test("the default route's address is bound, if there is one", () => {
  expect(addresses(plan([""], { defaultRoute: "10.0.0.2" }))).toEqual(["10.0.0.2"]);
  expect(addresses(plan([""]))).toEqual([]);
});

test("a link-local address is another one when its interface was made anew; a plain address is the same", () => {
  const anew: Interfaces = { list: [{ ...eth1, index: 9 }], isComplete: true };
  const before = keysOf(plan(["eth1"]));
  const after = keysOf(plan(["eth1"], { interfaces: anew }));
  expect(after.slice(0, 3)).toEqual(before.slice(0, 3));
  expect(after[3]).not.toBe(before[3]);
});

test("with a device every address is another one when that was made anew, and none without it", () => {
  const anew: Interfaces = { list: [{ ...eth2, index: 9 }], isComplete: true };
  expect(plan(["*"], { device: "eth2" }).targets[0]?.key).not.toBe(
    plan(["*"], { device: "eth2", interfaces: anew }).targets[0]?.key,
  );
  expect(plan(["*"], { device: "eth9" }).targets).toEqual([]);
  // Of one that may be there, though it is not listed, the bind itself says so.
  const partial: Interfaces = { list: [], isComplete: false };
  expect(addresses(plan(["*"], { device: "eth9", interfaces: partial }))).toEqual(["::"]);
});

test("at most so many addresses are bound, and the others are counted", () => {
  const many = Array.from({ length: 2_000 }, (_, index) => `10.${index >> 8}.${index & 255}.1`);
  const interfaces: Interfaces = { list: [{ name: "big", index: 1, addresses: many }], isComplete: true };
  const planned = plan(["big"], { interfaces });
  expect(planned.targets).toHaveLength(MAX_BINDS);
  expect(planned.surplus).toBe(2_000 - MAX_BINDS);
});
