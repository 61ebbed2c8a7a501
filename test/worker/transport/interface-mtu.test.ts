import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { describe, expect, test } from "vitest";
import { InterfaceMtu } from "../../../src/worker/transport/interface-mtu.ts";

const onLinux = process.platform === "linux";

describe("the MTU of the interface that has an address", () => {
  test.runIf(onLinux)("the MTU of each address of this machine is the one that the system says", async () => {
    const mtus = new InterfaceMtu();
    for (const [name, infos = []] of Object.entries(networkInterfaces())) {
      const said = Number(readFileSync(`/sys/class/net/${name.split(":")[0]}/mtu`, "utf8"));
      for (const { address } of infos) expect(await mtus.of(address)).toBe(said);
      expect(await mtus.of(`fe80::1%${name}`)).toBe(said);
    }
  });

  test.runIf(onLinux).each(["127.0.0.2", "::ffff:127.0.0.1"])("the MTU of %s is the loopback's", async (address) => {
    const said = Number(readFileSync("/sys/class/net/lo/mtu", "utf8"));
    expect(await new InterfaceMtu().of(address)).toBe(said);
  });

  test.each(["", "0.0.0.0", "192.0.2.1", "fe80::1%nothing", "fe80::1%../../lo"])(
    "the MTU of %j, which no interface has, is Ethernet's",
    async (address) => {
      expect(await new InterfaceMtu().of(address)).toBe(1_500);
    },
  );

  test("an answer is used again", () => {
    const mtus = new InterfaceMtu();
    expect(mtus.of("192.0.2.1")).toBe(mtus.of("192.0.2.1"));
  });
});
