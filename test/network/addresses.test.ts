import { describe, expect, test } from "vitest";
import { networksAreAbsent } from "../helpers/network/lab.ts";
import { LAN, sharedNetwork } from "../helpers/network/network.ts";
import { get } from "../helpers/network/network-client.ts";
import { sharedNetworkServer, startNetworkServer } from "../helpers/network/network-server.ts";
import { noise, sha256 } from "../helpers/raw-content.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

const file = "firmware.bin";
const content = noise(50_000);
const whole = { sha256: sha256(content), bytes: content.length };

describe.skipIf(networksAreAbsent())("a server of two interfaces and several addresses", () => {
  describeOnEachTransport("bound to all addresses", (transport) => {
    const network = sharedNetwork();
    const { IPv4, IPv6 } = network.ends;
    const server = sharedNetworkServer(() => network.server, { transport, host: "::" }, { [file]: content });

    test.each([IPv4.server, IPv6.server])("a server bound to all addresses answers %s from itself", async (host) => {
      expect(await get(network.client, { host, file, strict: true })).toMatchObject({ ...whole, from: host });
    });

    test("an address of the other interface answers from itself, whatever the route to the client", async () => {
      await network.lab.cable(network.server, "second", network.client, "second");
      await network.server.addAddresses("second", "10.9.7.1/24", "fd09:7::1/64");
      // The client has no address there: it reaches it by the first interface, and so do the answers.
      await network.client.run("ip", "route", "add", "10.9.7.0/24", "via", IPv4.server);
      await network.client.run("ip", "-6", "route", "add", "fd09:7::/64", "via", IPv6.server);
      for (const host of ["10.9.7.1", "fd09:7::1"]) {
        expect(await get(network.client, { host, file, strict: true })).toMatchObject({ ...whole, from: host });
      }
    });

    test.each(["10.9.0.77/24", "fd09::77/64"])(
      "the address %s, added later, answers the first request from itself",
      async (added) => {
        await network.server.addAddresses(LAN, added);
        const host = added.replace(/\/.*/, "");
        const result = await get(network.client, { host, file, strict: true });
        expect(result).toMatchObject({ ...whole, from: host, strangers: [], timeouts: 0 });
      },
    );

    test("a server bound to all addresses has dropped no request for any of them", async () => {
      const { dropped } = await server.counters();
      expect(Object.values(dropped).reduce((sum, count) => sum + count)).toBe(0);
    });
  });

  describeOnEachTransport('host: ""', (transport) => {
    const network = sharedNetwork();

    test(`with host "", an address that changes is followed, and reported by a second listening`, async () => {
      await network.server.run("ip", "route", "add", "default", "via", "10.9.0.254");
      const server = await startNetworkServer(network.server, { transport, host: "" }, { [file]: content });
      expect(await get(network.client, { host: network.ends.IPv4.server, file })).toMatchObject(whole);
      const since = server.lines.length;
      await network.server.run("ip", "address", "flush", "dev", LAN, "scope", "global");
      await network.server.addAddresses(LAN, "10.9.0.2/24");
      await network.server.run("ip", "route", "replace", "default", "via", "10.9.0.254");
      const result = await get(network.client, { host: "10.9.0.2", file, strict: true, retries: 30, maxMs: 60_000 });
      expect(result).toMatchObject({ ...whole, from: "10.9.0.2" });
      expect(server.lines.slice(since)).toContainEqual(
        expect.objectContaining({ type: "listening", host: "10.9.0.2" }),
      );
    });

    test(`with host "", a machine with IPv6 only is served`, async () => {
      await network.server.run("ip", "address", "flush", "dev", LAN, "scope", "global");
      await network.server.addAddresses(LAN, "fd09::1/64");
      await network.server.run("ip", "-6", "route", "replace", "default", "via", "fd09::fe");
      await startNetworkServer(network.server, { transport, host: "" }, { [file]: content });
      expect(await get(network.client, { host: "fd09::1", file })).toMatchObject(whole);
    });
  });
});
