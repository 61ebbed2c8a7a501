import { afterAll, describe, expect, test } from "vitest";
import { networksAreAbsent } from "../helpers/network/lab.ts";
import { families, type Family, type Network, sharedNetwork } from "../helpers/network/network.ts";
import { get } from "../helpers/network/network-client.ts";
import { sharedNetworkServer } from "../helpers/network/network-server.ts";
import { noise, sha256 } from "../helpers/raw-content.ts";
import { describeOnEachTransport, type TransportName } from "../helpers/raw-transports.ts";

const content = noise(59_000);
/** Also what the native transport takes for the MTU of a way over IPv6 on which nothing arrives. */
const HOP = 1_280;
const gateways = { IPv4: "10.9.1.254", IPv6: "fd09:1::fe" } as const;
/** IP, UDP and TFTP. */
const headers = { IPv4: 20 + 8 + 4, IPv6: 40 + 8 + 4 } as const;

describe.skipIf(networksAreAbsent())("maxBlockSize: mtu, before a hop with an MTU of 1280", () => {
  describeOnEachTransport("a client asks for 8192", (transport) => {
    const network = sharedNetwork({ mtu: HOP });
    serveFrom(network, transport);
    afterAll(async () => await setRoutes(network, []));

    test.each(families)("%s: what fits the interface is granted as long as nothing else is known", async (family) => {
      await setRoutes(network, []);
      expect(await granted(network, family)).toBe(1_500 - headers[family]);
      // Routers cut IPv4 packets, and say nothing; IPv6 packets they refuse, and the next request finds that known.
      const learns = transport === "native" && family === "IPv6";
      expect(await granted(network, family)).toBe((learns ? HOP : 1_500) - headers[family]);
    });

    test.runIf(transport === "native").each(families)(
      "%s: what fits the route is granted if the route has an MTU, and no router cuts or refuses it",
      async (family) => {
        await setRoutes(network, ["mtu", String(HOP)]);
        const stop = await network.router.filter("output", "icmpv6 type packet-too-big counter");
        expect(await granted(network, family)).toBe(HOP - headers[family]);
        expect(await network.router.counted("output")).toEqual([0]);
        await stop();
      },
    );

    test.each(families)("%s: what fits the interface is granted if that is the narrow hop", async (family) => {
      await setRoutes(network, []);
      await network.server.run("ip", "link", "set", "lan", "mtu", String(HOP));
      try {
        // An answer is used again for a second.
        await expect
          .poll(async () => await granted(network, family), { interval: 300, timeout: 10_000 })
          .toBe(HOP - headers[family]);
      } finally {
        await network.server.run("ip", "link", "set", "lan", "mtu", "1500");
      }
    });
  });
});

function serveFrom(network: Network, transport: TransportName): void {
  for (const { server: host } of Object.values(network.ends)) {
    sharedNetworkServer(() => network.server, { transport, host, maxBlockSize: "mtu" }, { "a.bin": content });
  }
}

/** The whole file arrives; returns the block size that was granted. */
async function granted(network: Network, family: Family): Promise<number> {
  const { server: host } = network.ends[family];
  const result = await get(network.client, { host, file: "a.bin", blockSize: 8_192, windowSize: 4 });
  expect(result).toMatchObject({ sha256: sha256(content), bytes: content.length });
  return result.blockSize;
}

/** Sets the default routes, and forgets what was learned of the way. */
async function setRoutes({ server }: Network, suffix: readonly string[]): Promise<void> {
  for (const [family, flag] of [
    ["IPv4", "-4"],
    ["IPv6", "-6"],
  ] as const) {
    await server.run("ip", flag, "route", "replace", "default", "via", gateways[family], "dev", "lan", ...suffix);
    await server.run("ip", flag, "route", "flush", "cache");
  }
}
