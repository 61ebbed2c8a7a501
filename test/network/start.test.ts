import { describe, expect, test } from "vitest";
import { networksAreAbsent } from "../helpers/network/lab.ts";
import { sharedNetwork } from "../helpers/network/network.ts";
import { get } from "../helpers/network/network-client.ts";
import { startNetworkServer } from "../helpers/network/network-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

const files = { "hello.txt": "hello\n" };

describe.skipIf(networksAreAbsent())("a start on a machine without a working loopback interface", () => {
  describeOnEachTransport("transport", (transport) => {
    const network = sharedNetwork();
    const { server: host } = network.ends.IPv4;

    test.each(["drop", "reject"])(
      "loopback filtered (%s): the server starts within two seconds, and serves",
      async (how) => {
        const undo = await network.server.filter("output", `oifname lo ${how}`);
        await expectServed();
        await undo();
      },
    );

    test("loopback down: the server starts within two seconds, and serves", async () => {
      await network.server.run("ip", "link", "set", "lo", "down");
      await expectServed();
      await network.server.run("ip", "link", "set", "lo", "up");
    });

    async function expectServed(): Promise<void> {
      // The start that takes longer fails with START_TIMEOUT.
      await startNetworkServer(network.server, { transport, host, startTimeoutMs: 2_000 }, files);
      expect(await get(network.client, { host, file: "hello.txt" })).toMatchObject({ bytes: 6 });
    }
  });

  test.each(["fe80::1", "fe80::1%absent"])("%s: the error names the zone", async (host) => {
    const network = sharedNetworkOfThisTest;
    await expect(startNetworkServer(network.server, { host }, files)).rejects.toThrow(/zone|interface/);
  });

  const sharedNetworkOfThisTest = sharedNetwork();
});
