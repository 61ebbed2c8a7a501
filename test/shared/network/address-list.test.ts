import { BlockList } from "node:net";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { AddressList } from "../../../src/shared/network/address-list.ts";

test.each<[ranges: string[], address: string, isIncluded: boolean]>([
  [[], "192.0.2.1", false],
  [[], "fd00::1", false],
  [["192.0.2.1"], "192.0.2.1", true],
  [["192.0.2.1"], "192.0.2.2", false],
  [["255.255.255.255"], "255.255.255.255", true],
  [["128.0.0.0/1"], "127.255.255.255", false],
  [["128.0.0.0/1"], "128.0.0.0", true],
  [["0.0.0.0/0"], "203.0.113.9", true],
  // Bits behind the prefix do not count.
  [["10.9.8.7/8"], "10.1.1.1", true],
  [["fd00::/8", "10.0.0.0/8"], "10.0.0.1", true],
  [["fd00::/8", "10.0.0.0/8"], "fd00::1", true],
  [["fe80::/10"], "fe80::1%eth0", true],
  [["0.0.0.0/0"], "fd00::1", false],
  [["::/0"], "10.0.0.1", false],
])("of %j, %s is included: %s", (ranges, address, isIncluded) => {
  const list = new AddressList(ranges);
  expect(list.includes(address)).toBe(isIncluded);
  expect(list.includes(address)).toBe(isIncluded);
});

test("an IPv4 range includes what Node's BlockList has in it", () => {
  const property = fc.property(fc.ipV4(), fc.nat(32), fc.ipV4(), fc.boolean(), (address, prefix, other, isNear) => {
    const asked = isNear ? address.replace(/\d+$/, "7") : other;
    const list = new BlockList();
    list.addSubnet(address, prefix, "ipv4");
    expect(new AddressList([`${address}/${prefix}`]).includes(asked)).toBe(list.check(asked));
  });
  fc.assert(property, { numRuns: 500 });
});
