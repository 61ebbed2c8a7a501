import { expect, test } from "vitest";
import { HardwareAddresses } from "../../../../src/worker/content/rules/hardware-addresses.ts";

const table = `IP address       HW type     Flags       HW address            Mask     Device
192.0.2.7        0x1         0x2         52:54:00:AB:cd:ef     *        eth0
192.0.2.8        0x1         0x0         00:00:00:00:00:00     *        eth0
192.0.2.9        0x20        0x2         52:54:00:12:34:56     *        ib0
`;

test.each([
  ["192.0.2.7", "52-54-00-ab-cd-ef"],
  ["192.0.2.8", undefined],
  ["192.0.2.9", undefined],
  ["192.0.2.10", undefined],
  ["fe80::5054:ff:feab:cdef%eth0", "52-54-00-ab-cd-ef"],
  // A hardware address of 02:00:… makes a group of zeros, which the address leaves out.
  ["fe80::ff:fe00:1", "02-00-00-00-00-01"],
  ["2001:db8:0:1:0:ff:fe00:1", "02-00-00-00-00-01"],
  ["2001:db8::1", undefined],
  ["2001:db8:1:2:3:4:5:6", undefined],
  ["::1", undefined],
])("the client %s has the hardware address %s", async (client, mac) => {
  expect(await new HardwareAddresses(async () => table).of(client)).toBe(mac);
});

test("a burst of requests reads the table once, and a client that is known does not have it read again", async () => {
  let reads = 0;
  const addresses = new HardwareAddresses(async () => (reads++, table));
  await Promise.all(["192.0.2.7", "192.0.2.7", "192.0.2.99"].map((client) => addresses.of(client)));
  await addresses.of("192.0.2.7");
  expect(reads).toBe(1);
});

test("a board that joins the link right after another one asked is known, at once", async () => {
  let entries = table;
  const addresses = new HardwareAddresses(async () => entries);
  expect(await addresses.of("192.0.2.50")).toBeUndefined();
  entries += "192.0.2.51       0x1         0x2         52:54:00:00:00:51     *        eth0\n";
  expect(await addresses.of("192.0.2.51")).toBe("52-54-00-00-00-51");
});

test("a board that joins the link while the table is read for another one is known", async () => {
  let entries = table;
  let finish: (() => void) | undefined;
  const reading = new Promise<void>((resolve) => (finish = resolve));
  const addresses = new HardwareAddresses(async () => {
    const before = entries;
    await reading;
    return before;
  });
  const earlier = addresses.of("192.0.2.50");
  await new Promise(setImmediate);
  entries += "192.0.2.51       0x1         0x2         52:54:00:00:00:51     *        eth0\n";
  const later = addresses.of("192.0.2.51");
  finish?.();
  expect(await later).toBe("52-54-00-00-00-51");
  expect(await earlier).toBeUndefined();
});

test("a flood of clients that are not on the link has the table read every 50 ms at most", async () => {
  let reads = 0;
  const addresses = new HardwareAddresses(async () => (reads++, table));
  const before = performance.now();
  for (let round = 0; round < 4; round++) {
    await Promise.all(Array.from({ length: 250 }, (_, at) => addresses.of(`10.0.${round}.${at}`)));
  }
  expect(reads).toBeLessThanOrEqual(1 + (performance.now() - before) / 49);
});

test("without a table no hardware address is known", async () => {
  const addresses = new HardwareAddresses(() => Promise.reject(new Error("ENOENT")));
  expect(await addresses.of("192.0.2.7")).toBeUndefined();
});
