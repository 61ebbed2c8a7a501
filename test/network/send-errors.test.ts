import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { networksAreAbsent } from "../helpers/network/lab.ts";
import { LAN, type Network, sharedNetwork } from "../helpers/network/network.ts";
import { NetworkClient } from "../helpers/network/network-client.ts";
import { sharedNetworkServer } from "../helpers/network/network-server.ts";
import { noise, sha256 } from "../helpers/raw-content.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

/** As long as a firewall takes to load its rules. */
const FAULT_MS = 500;
/** When no ACK can come, only a retransmission is sent: it has to meet the fault. */
const OUTAGE_MS = 1_500;
const file = "firmware.bin";
const content = noise(200_000);

/** Each makes sends fail for a while, and returns what ends that. */
interface Fault {
  readonly ms: number;
  readonly begin: (network: Network) => Promise<() => Promise<unknown>>;
}

const faults: Readonly<Record<string, Fault>> = {
  "a firewall drops what leaves (EPERM)": filtering("drop"),
  "a firewall refuses what leaves (EPERM, and ICMP to ourselves)": filtering("reject with icmpx type admin-prohibited"),
  "a blackhole route (EINVAL)": routing("blackhole"),
  "an unreachable route (EHOSTUNREACH)": routing("unreachable"),
  "a prohibit route (EACCES)": routing("prohibit"),
  "a throw route (ENETUNREACH)": routing("throw"),
  "the interface is down": {
    ms: OUTAGE_MS,
    begin: async (network) => {
      await network.server.run("ip", "link", "set", LAN, "down");
      return async () => {
        await network.server.run("ip", "link", "set", LAN, "up");
        // IPv6 addresses went with the interface.
        await network.server.run("ip", "address", "flush", "dev", LAN);
        await network.addAddresses("server");
      };
    },
  },
  "the address is gone": {
    ms: OUTAGE_MS,
    begin: async (network) => {
      await network.server.run("ip", "address", "flush", "dev", LAN);
      return () => network.addAddresses("server");
    },
  },
};

describe.skipIf(networksAreAbsent())("sends that fail for a while in mid-transfer", () => {
  describeOnEachTransport("IPv4", (transport) => {
    const network = sharedNetwork();
    const host = network.ends.IPv4.server;
    const server = sharedNetworkServer(() => network.server, { transport, host }, { [file]: content });

    for (const windowSize of [1, 16]) {
      test.each(Object.entries(faults))(
        `%s for a while in mid-transfer: the file arrives, windowsize ${windowSize}`,
        async (_, fault) => {
          const since = server.lines.length;
          const client = new NetworkClient(network.client, { host, file, blockSize: 1_400, windowSize, pauseAt: 40 });
          await client.paused();
          const mend = await fault.begin(network);
          client.proceed();
          await delay(fault.ms);
          await mend();
          expect(await client.result()).toMatchObject({ sha256: sha256(content), bytes: content.length });
          expect(await server.endOf(file, since)).toMatchObject({ outcome: "complete" });
        },
      );
    }
  });
});

function filtering(verdict: string): Fault {
  return { ms: FAULT_MS, begin: ({ server }) => server.filter("output", `udp sport != 69 ${verdict}`) };
}

/** More specific than the route of the interface, so that it comes first. */
function routing(kind: string): Fault {
  return {
    ms: FAULT_MS,
    begin: async ({ server, ends }) => {
      const route = [kind, `${ends.IPv4.client}/32`];
      await server.run("ip", "route", "add", ...route);
      return () => server.run("ip", "route", "del", ...route);
    },
  };
}
