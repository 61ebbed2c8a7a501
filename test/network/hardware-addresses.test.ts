import { describe, expect, test } from "vitest";
import { networksAreAbsent } from "../helpers/network/lab.ts";
import { type Network, sharedNetwork } from "../helpers/network/network.ts";
import { get } from "../helpers/network/network-client.ts";
import { startNetworkServer } from "../helpers/network/network-server.ts";
import { sha256 } from "../helpers/raw-content.ts";
import { describeOnEachTransport, type TransportName } from "../helpers/raw-transports.ts";

const own = Buffer.from("for this board");
const common = Buffer.from("for all others");

/** Neighbours of the kernel's own table, and addresses that were made of a hardware address. */
describe.skipIf(networksAreAbsent())("{mac} in a rule", () => {
  describeOnEachTransport("is the hardware address of", (transport) => {
    const near = sharedNetwork();
    const far = sharedNetwork({ mtu: 1_500 });

    test("a board on the link, from its first request on, also after it got another network card", async () => {
      const { server: host } = near.ends.IPv4;
      const macs = [await macOf(near), "02:00:00:00:00:07"] as const;
      await serve(near, transport, host, macs[0]);
      expect(await fetched(near, host)).toBe(sha256(own));
      await near.client.run("ip", "link", "set", "lan", "address", macs[1]);
      // What the kernel had learned is announced anew, or asked for again.
      await near.server.run("ip", "neighbour", "flush", "dev", "lan");
      await expect.poll(() => fetched(near, host), { interval: 200, timeout: 10_000 }).toBe(sha256(common));
      await near.client.run("ip", "link", "set", "lan", "address", macs[0]);
      await near.server.run("ip", "neighbour", "flush", "dev", "lan");
      await expect.poll(() => fetched(near, host), { interval: 200, timeout: 10_000 }).toBe(sha256(own));
    });

    test("a board whose IPv6 address was made of it", async () => {
      const { server: host } = near.ends.IPv6;
      const mac = await macOf(near);
      await serve(near, transport, host, mac);
      expect(await fetched(near, host)).toBe(sha256(common));
      await near.client.run("ip", "address", "del", `${near.ends.IPv6.client}/64`, "dev", "lan");
      await near.client.addAddresses("lan", `fd09::${interfaceIdOf(mac)}/64`);
      try {
        expect(await fetched(near, host)).toBe(sha256(own));
      } finally {
        await near.client.run("ip", "address", "del", `fd09::${interfaceIdOf(mac)}/64`, "dev", "lan");
        await near.client.addAddresses("lan", `${near.ends.IPv6.client}/64`);
      }
    });

    test("no board behind a router, which gets what is for others", async () => {
      const { server: host } = far.ends.IPv4;
      await serve(far, transport, host, await macOf(far));
      expect(await fetched(far, host)).toBe(sha256(common));
    });
  });
});

async function serve({ server }: Network, transport: TransportName, host: string, mac: string): Promise<void> {
  const rules = [{ root: ["boards/{mac}", "common"] }, { root: "common" }];
  const files = { [`boards/${mac.replaceAll(":", "-")}/a`]: own, "common/a": common };
  await startNetworkServer(server, { transport, host, rules }, files);
}

async function fetched({ client }: Network, host: string): Promise<string | undefined> {
  return (await get(client, { host, file: "a" })).sha256;
}

async function macOf({ client }: Network): Promise<string> {
  const text = await client.run("ip", "-o", "link", "show", "lan");
  return /link\/ether (\S+)/.exec(text)?.[1] ?? "";
}

/** RFC 4291, appendix A. */
function interfaceIdOf(mac: string): string {
  const [first = "", ...rest] = mac.split(":");
  const bytes = [(Number.parseInt(first, 16) ^ 2).toString(16).padStart(2, "0"), ...rest];
  bytes.splice(3, 0, "ff", "fe");
  return bytes.join("").match(/.{4}/g)!.join(":");
}
