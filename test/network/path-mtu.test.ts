import { describe, expect, test } from "vitest";
import { networksAreAbsent } from "../helpers/network/lab.ts";
import { families, type Family, type Network, sharedNetwork } from "../helpers/network/network.ts";
import { get } from "../helpers/network/network-client.ts";
import { type NetworkServer, sharedNetworkServer } from "../helpers/network/network-server.ts";
import { noise, sha256 } from "../helpers/raw-content.ts";
import { describeOnEachTransport, type TransportName } from "../helpers/raw-transports.ts";

/** Fills an Ethernet frame over IPv4, and takes two fragments over IPv6. */
const blockSize = 1_468;
/**
 * Its last block fits every hop here. Linux fragments over IPv6 only what is larger than the interface's MTU: a shorter
 * block that is larger than a hop's MTU stays lost if ICMP is lost too.
 */
const content = noise(59_000);
/** Names say which transfer it is. */
const files = Object.fromEntries(
  families.flatMap((family) => [1, 4].map((windowSize) => [`${family}-${windowSize}`, content])),
);

describe.skipIf(networksAreAbsent()).each([1_500, 1_400, 1_280])("a client behind a hop with an MTU of %i", (mtu) => {
  describeOnEachTransport("blksize 1468", (transport) => {
    const network = sharedNetwork({ mtu });
    const servers = serversOf(network, transport);
    const cases = families.flatMap((family) => [1, 4].map((windowSize) => [family, windowSize] as const));

    test.each(cases)(
      "%s, windowsize %i: the file arrives behind a narrow hop with ICMP",
      async (family, windowSize) => {
        const allowed = mtu === 1_500 || (transport === "native" && family === "IPv4") ? 0 : 1;
        // A machine that stands still for a moment lets a timer fire once more; not three times in a row.
        let least = Infinity;
        for (let attempt = 1; attempt <= 3 && least > allowed; attempt++) {
          await forgetMtu(network);
          const { retransmissions } = await expectWhole(network, servers[family], family, windowSize);
          least = Math.min(least, retransmissions);
        }
        expect(least).toBeLessThanOrEqual(allowed);
      },
    );

    // Node's dgram can neither clear DF nor lower the MTU of a socket: without ICMP it cannot know.
    const able = mtu < 1_500 && transport === "native";
    test.runIf(able).each(cases)(
      "%s, windowsize %i: the file arrives behind a narrow hop without ICMP",
      async (family, windowSize) => {
        await forgetMtu(network);
        const hear = await network.router.filter(
          "output",
          "icmp type destination-unreachable drop",
          "icmpv6 type packet-too-big drop",
        );
        try {
          await expectWhole(network, servers[family], family, windowSize);
        } finally {
          await hear();
        }
      },
    );
  });
});

describe.skipIf(networksAreAbsent())("fragmentation", () => {
  const network = sharedNetwork();
  const { IPv4: server } = serversOf(network, "native");
  const [windowSize, large] = [4, 8_192];

  test("no datagram has DF: a router without ICMP would swallow it, and boot ROMs drop it", async () => {
    const stop = await network.server.filter("output", "ip frag-off & 0x4000 != 0 udp sport != 69 counter", "counter");
    await expectWhole(network, server, "IPv4", windowSize);
    const [whole = NaN, all = NaN] = await network.server.counted("output");
    await stop();
    expect(whole).toBe(0);
    expect(all).toBeGreaterThan(0);
  });

  test("blocks over the MTU arrive in fragments", async () => {
    await expectWhole(network, server, "IPv4", windowSize, large);
  });
});

function serversOf(network: Network, transport: TransportName): Readonly<Record<Family, NetworkServer>> {
  const serverOf = (family: Family): NetworkServer =>
    sharedNetworkServer(() => network.server, { transport, host: network.ends[family].server }, files);
  return { IPv4: serverOf("IPv4"), IPv6: serverOf("IPv6") };
}

async function expectWhole(
  network: Network,
  server: NetworkServer,
  family: Family,
  windowSize: number,
  asked = blockSize,
): Promise<{ readonly retransmissions: number }> {
  const file = `${family}-${windowSize}`;
  const since = server.lines.length;
  // Its own questions would hide what the server does by itself.
  const patient = { silenceMs: 5_000, retries: 2 };
  const { server: host } = network.ends[family];
  const result = await get(network.client, { host, file, blockSize: asked, windowSize, ...patient });
  expect(result).toMatchObject({ sha256: sha256(content), bytes: content.length, blockSize: asked });
  const event = await server.endOf(file, since);
  expect(event).toMatchObject({ outcome: "complete" });
  return event;
}

/** What earlier tests have learned of the path. */
async function forgetMtu({ server }: Network): Promise<void> {
  await server.run("ip", "-4", "route", "flush", "cache");
  await server.run("ip", "-6", "route", "flush", "cache");
}
