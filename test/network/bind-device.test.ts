import { spawnSync } from "node:child_process";
import { describe, expect, test, vi } from "vitest";
import { networksAreAbsent } from "../helpers/network/lab.ts";
import type { Namespace } from "../helpers/network/namespace.ts";
import { sharedNetwork } from "../helpers/network/network.ts";
import { get } from "../helpers/network/network-client.ts";
import { startNetworkServer } from "../helpers/network/network-server.ts";
import { noise, sha256 } from "../helpers/raw-content.ts";
import { transports } from "../helpers/raw-transports.ts";

const file = "firmware.bin";
const left = noise(50_000);
const right = noise(60_000);
const SAME = "10.9.30.1";
const hasVrf = spawnSync("unshare", ["-n", "ip", "link", "add", "v", "type", "vrf", "table", "7"]).status === 0;

describe.skipIf(networksAreAbsent() || !transports.includes("native"))("bindDevice", () => {
  const network = sharedNetwork();

  /** Two cables to two boards, with the same addresses at both. */
  async function connectTwins(one: string, other: string): Promise<{ one: Namespace; other: Namespace }> {
    const boards = {
      one: await network.lab.namespace(`${one}-board`),
      other: await network.lab.namespace(`${other}-board`),
    };
    for (const [device, board] of [
      [one, boards.one],
      [other, boards.other],
    ] as const) {
      await network.lab.cable(network.server, device, board, "eth0");
      await network.server.addAddresses(device, `${SAME}/24`);
      await board.addAddresses("eth0", "10.9.30.9/24");
    }
    return boards;
  }

  test("two servers on interfaces with the same subnet serve each its own, on the same address and port", async () => {
    const boards = await connectTwins("left", "right");
    await startNetworkServer(network.server, { host: SAME, bindDevice: "left" }, { [file]: left });
    await startNetworkServer(network.server, { host: "", bindDevice: "right" }, { [file]: right });
    const asked = { host: SAME, file, strict: true, windowSize: 8 } as const;
    expect(await get(boards.one, asked)).toMatchObject({ sha256: sha256(left), from: SAME });
    expect(await get(boards.other, asked)).toMatchObject({ sha256: sha256(right), from: SAME });
    expect(await get(boards.one, { ...asked, file: "missing" })).toHaveProperty("error");
  });

  test("a request that comes by another interface draws nothing", async () => {
    const { IPv4 } = network.ends;
    await network.lab.cable(network.server, "only", network.client, "only");
    await startNetworkServer(network.server, { host: IPv4.server, bindDevice: "only" }, { [file]: left });
    const asked = { host: IPv4.server, file, retries: 1, silenceMs: 300 };
    expect(await get(network.client, asked)).toMatchObject({ bytes: 0, error: expect.any(String) as string });
  });

  test("a device that is removed and made anew is served again", async () => {
    async function connect(): Promise<void> {
      await network.lab.cable(network.server, "again", network.client, "again");
      await network.server.addAddresses("again", "10.9.31.1/24");
      await network.client.addAddresses("again", "10.9.31.9/24");
    }
    await connect();
    const server = await startNetworkServer(network.server, { host: "*", bindDevice: "again" }, { [file]: left });
    const asked = { host: "10.9.31.1", file, retries: 20 };
    expect(await get(network.client, asked)).toMatchObject({ sha256: sha256(left) });
    const changes = (): string[] =>
      server.lines.flatMap((line) => (line.type === "listening-address" ? [line.change] : []));
    await network.server.run("ip", "link", "del", "again");
    await vi.waitFor(() => expect(changes()).toEqual(["removed"]), { timeout: 30_000 });
    await connect();
    await vi.waitFor(() => expect(changes()).toEqual(["removed", "added"]), { timeout: 30_000 });
    expect(await get(network.client, asked)).toMatchObject({ sha256: sha256(left) });
  });

  test("a device that is missing is named by the error, with those that there are; waitForAddress waits for it", async () => {
    const options = { host: "*", bindDevice: "absent0" } as const;
    const starting = startNetworkServer(network.server, options);
    await expect(starting).rejects.toThrow(
      /ADDRESS_NOT_AVAILABLE: bindDevice: there is no interface absent0 \(this machine has lo, .*lan/,
    );
    const waits = startNetworkServer(network.server, { ...options, waitForAddress: true }, { [file]: left });
    await network.lab.cable(network.server, "absent0", network.client, "absent0");
    await network.server.addAddresses("absent0", "10.9.32.1/24");
    await network.client.addAddresses("absent0", "10.9.32.9/24");
    await waits;
    expect(await get(network.client, { host: "10.9.32.1", file })).toMatchObject({ sha256: sha256(left) });
  });

  test.skipIf(!hasVrf)("an interface of a VRF is served by the VRF's device", async () => {
    await network.server.run("ip", "link", "add", "vrf-red", "type", "vrf", "table", "10");
    await network.server.run("ip", "link", "set", "vrf-red", "up");
    await network.lab.cable(network.server, "red", network.client, "red");
    await network.server.run("ip", "link", "set", "red", "master", "vrf-red");
    await network.server.addAddresses("red", "10.9.33.1/24", "fd09:33::1/64");
    await network.client.addAddresses("red", "10.9.33.9/24", "fd09:33::9/64");
    await startNetworkServer(network.server, { host: "red", bindDevice: "vrf-red" }, { [file]: left });
    for (const host of ["10.9.33.1", "fd09:33::1"]) {
      expect(await get(network.client, { host, file, strict: true })).toMatchObject({
        sha256: sha256(left),
        from: host,
      });
    }
  });
});
