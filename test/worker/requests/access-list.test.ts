import { expect, test } from "vitest";
import { resolveOptions } from "../../../src/contract/options/resolve-options.ts";
import { AccessList } from "../../../src/worker/requests/access-list.ts";

test("by default every client may ask", () => {
  const list = new AccessList(resolveOptions().server);
  for (const address of ["127.0.0.1", "10.1.2.3", "::1", "fe80::1%eth0"]) expect(list.admits(address)).toBe(true);
});

test("deny wins over allow", () => {
  const list = new AccessList({ allow: ["10.0.0.0/8"], deny: ["10.1.0.0/16", "10.2.3.4"] });
  expect(
    ["10.0.0.1", "10.1.0.1", "10.2.3.4", "10.2.3.5", "11.0.0.1"].filter((address) => list.admits(address)),
  ).toEqual(["10.0.0.1", "10.2.3.5"]);
});

test("IPv6 ranges count, also for link-local addresses with their scope", () => {
  const list = new AccessList({ allow: ["fe80::/10", "fd00:1::/32"], deny: ["fe80::bad"] });
  expect(list.admits("fe80::1%eth0")).toBe(true);
  expect(list.admits("fd00:1:2::3")).toBe(true);
  expect(list.admits("fe80::bad%eth0")).toBe(false);
  expect(list.admits("fd00:2::1")).toBe(false);
  expect(list.admits("10.0.0.1")).toBe(false);
});

test("a range need not begin at its first address", () => {
  expect(new AccessList({ allow: ["192.168.1.77/24"], deny: [] }).admits("192.168.1.3")).toBe(true);
});

test("an IPv6 range matches no IPv4 client, however wide it is, and an IPv4 range no IPv6 client", () => {
  const sixOnly = new AccessList({ allow: ["::/0"], deny: [] });
  expect(sixOnly.admits("10.0.0.1")).toBe(false);
  expect(sixOnly.admits("fd00::1")).toBe(true);
  const fourOnly = new AccessList({ allow: ["0.0.0.0/0", "::/0"], deny: ["::/0"] });
  expect(fourOnly.admits("10.0.0.1")).toBe(true);
  expect(fourOnly.admits("fd00::1")).toBe(false);
  expect(new AccessList({ allow: ["0.0.0.0/0"], deny: [] }).admits("::1")).toBe(false);
  expect(new AccessList({ allow: ["::/80"], deny: [] }).admits("10.0.0.1")).toBe(false);
});
