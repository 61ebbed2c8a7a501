import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { networksAreAbsent } from "../helpers/network/lab.ts";
import { type Family, sharedNetwork } from "../helpers/network/network.ts";
import { NetworkClient } from "../helpers/network/network-client.ts";
import { sharedNetworkServer } from "../helpers/network/network-server.ts";
import { noise, sha256 } from "../helpers/raw-content.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

const file = "firmware.bin";
const content = noise(100_000);
const FAULT_MS = 500;

/** What a firewall between them may answer to the server's blocks (RFC 792, 1812, 4443). */
const errors: Readonly<Record<Family, readonly string[]>> = {
  IPv4: [
    "icmp type net-unreachable",
    "icmp type host-unreachable",
    "icmp type prot-unreachable",
    "icmp type net-prohibited",
    "icmp type host-prohibited",
    "icmp type admin-prohibited",
    "icmp type port-unreachable",
  ],
  IPv6: [
    "icmpv6 type no-route",
    "icmpv6 type admin-prohibited",
    "icmpv6 type addr-unreachable",
    "icmpv6 type policy-fail",
    "icmpv6 type reject-route",
    "icmpv6 type port-unreachable",
  ],
};

describe.skipIf(networksAreAbsent()).each(["IPv4", "IPv6"] as const)("ICMP errors in mid-transfer, %s", (family) => {
  describeOnEachTransport("blksize 1024", (transport) => {
    const network = sharedNetwork();
    const host = network.ends[family].server;
    const server = sharedNetworkServer(() => network.server, { transport, host }, { [file]: content });

    test.each(errors[family])("ICMP %s for half a second is a loss: the file arrives", async (error) => {
      const since = server.lines.length;
      const client = new NetworkClient(network.client, { host, file, blockSize: 1_024, pauseAt: 20 });
      await client.paused();
      const accept = await network.client.filter("input", `udp sport != 69 reject with ${error}`);
      client.proceed();
      // Shorter than the time of a retransmission: each block is refused once.
      await delay(FAULT_MS);
      await accept();
      expect(await client.result()).toMatchObject({ sha256: sha256(content), bytes: content.length });
      expect(await server.endOf(file, since)).toMatchObject({ outcome: "complete" });
    });

    test("a closed port ends the transfer when a retransmission meets it again", async () => {
      const since = server.lines.length;
      const client = new NetworkClient(network.client, { host, file, blockSize: 1_024, pauseAt: 20 });
      await client.paused();
      client.vanish();
      const event = await server.endOf(file, since);
      // The first block that comes again is refused, and so is the next one: nothing else is sent.
      expect(event).toMatchObject({ outcome: "client-error", retransmissions: 2 });
      expect(event.durationMs).toBeLessThan(10_000);
    });
  });
});
