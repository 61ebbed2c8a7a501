import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { networksAreAbsent } from "../helpers/network/lab.ts";
import { sharedNetwork } from "../helpers/network/network.ts";
import { get } from "../helpers/network/network-client.ts";
import { NetworkServer } from "../helpers/network/network-server.ts";
import { noise, sha256 } from "../helpers/raw-content.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";
import type { PortsPolicy } from "../../src/index.ts";

const file = "firmware.bin";
const content = noise(300_000);
const whole = { sha256: sha256(content), bytes: content.length };
/** Gives up soon: where nothing gets through nothing will. */
const hasty = { silenceMs: 300, retries: 3 };
const shapes = [{}, { blockSize: 1_428, windowSize: 16 }] as const;

describe.skipIf(networksAreAbsent())("ports, NAT and firewalls", () => {
  describeOnEachTransport("between board and server", (transport) => {
    const network = sharedNetwork({ mtu: 1_500 });
    const { server, client } = network.ends.IPv4;
    const servers: Partial<Record<"own" | "single" | "range", NetworkServer>> = {};

    /** Each on a port of its own, so that all serve at once. */
    const at = { own: 69, single: 6_969, range: 7_069 };
    beforeAll(async () => {
      const policies: Record<keyof typeof at, PortsPolicy> = {
        own: "own",
        single: "single",
        range: { from: 50_000, to: 50_003 },
      };
      for (const [name, ports] of Object.entries(policies) as [keyof typeof at, PortsPolicy][]) {
        const options = { transport, ports, host: "0.0.0.0", port: at[name] };
        servers[name] = new NetworkServer(options, { [file]: content });
        await servers[name].start(network.server);
      }
    });
    afterAll(async () => void (await Promise.all(Object.values(servers).map((each) => each.close()))));

    /** Rules of a NAT on the router, for as long as `work` takes. */
    async function withNat(chain: string, rule: string, work: () => Promise<void>): Promise<void> {
      const rules = `table ip n { chain c { type nat hook ${chain}; policy accept; ${rule}; }; }`;
      await network.router.run("nft", rules);
      try {
        await work();
      } finally {
        await network.router.run("nft", "delete", "table", "ip", "n");
      }
    }

    test("through a NAT without a helper, which masquerades the boards, one port serves them, and ports of their own do not", async () => {
      await withNat("postrouting priority 100", "oifname near masquerade", async () => {
        for (const shape of shapes) {
          const result = await get(network.client, { host: server, port: at.single, file, ...shape, strict: true });
          expect(result).toMatchObject({ ...whole, from: server });
        }
        const ended = servers.single?.lines.findLast(({ type }) => type === "transfer-ended");
        expect(ended).toMatchObject({ outcome: "complete", client: { address: "10.9.1.254" } });
        const own = await get(network.client, { host: server, port: at.own, file, ...hasty });
        expect(own.error).toBeDefined();
      });
    });

    test("two boards with one port, behind a masquerading NAT, are served at once", async () => {
      await network.client.addAddresses("lan", "10.9.2.10/24");
      await withNat("postrouting priority 100", "oifname near masquerade", async () => {
        const boards = [client, "10.9.2.10"].map((localAddress) =>
          get(network.client, { host: server, port: at.single, file, localAddress, localPort: 2_070 }),
        );
        for (const result of await Promise.all(boards)) expect(result).toMatchObject(whole);
      });
    });

    test("a published port, translated as docker -p does, carries one port's transfers", async () => {
      const published = "10.9.2.254";
      await withNat("prerouting priority -100", `udp dport 69 dnat to ${server}:${at.single}`, async () => {
        for (const shape of shapes) {
          const result = await get(network.client, { host: published, file, ...shape, strict: true });
          expect(result).toMatchObject({ ...whole, from: published, strangers: [] });
        }
      });
      await withNat("prerouting priority -100", `udp dport 69 dnat to ${server}:${at.own}`, async () => {
        const own = await get(network.client, { host: published, file, ...hasty, strict: true });
        expect(own.error).toBeDefined();
      });
    });

    test("a firewall without state that lets one port in and out carries one port's transfers only", async () => {
      const open = [
        `ip daddr ${server} udp dport { ${at.single}, ${at.own} } accept`,
        `ip saddr ${server} udp sport { ${at.single}, ${at.own} } accept`,
        "meta l4proto udp drop",
      ];
      const remove = await network.router.filter("forward", ...open);
      try {
        for (const shape of shapes) {
          expect(await get(network.client, { host: server, port: at.single, file, ...shape })).toMatchObject(whole);
        }
        expect((await get(network.client, { host: server, port: at.own, file, ...hasty })).error).toBeDefined();
      } finally {
        await remove();
      }
    });

    test("a firewall without state that has a rule for the range carries its transfers", async () => {
      const open = [
        `ip daddr ${server} udp dport { ${at.range}, ${at.own}, 50000-50003 } accept`,
        `ip saddr ${server} udp sport { ${at.range}, ${at.own}, 50000-50003 } accept`,
        "meta l4proto udp drop",
      ];
      const remove = await network.router.filter("forward", ...open);
      try {
        for (let round = 0; round < 3; round++) {
          expect(await get(network.client, { host: server, port: at.range, file })).toMatchObject(whole);
        }
        expect((await get(network.client, { host: server, port: at.own, file, ...hasty })).error).toBeDefined();
      } finally {
        await remove();
      }
    });

    test("one port of several addresses answers each from itself", async () => {
      await network.server.addAddresses("lan", "10.9.1.2/24");
      for (const host of [server, "10.9.1.2"]) {
        const result = await get(network.client, { host, port: at.single, file, windowSize: 8, strict: true });
        expect(result).toMatchObject({ ...whole, from: host, strangers: [], timeouts: 0 });
      }
    });
  });
});
