import { describe, expect, test, vi } from "vitest";
import type { TftpEventOf } from "../../src/contract/events/events.ts";
import { networksAreAbsent } from "../helpers/network/lab.ts";
import { LAN, sharedNetwork } from "../helpers/network/network.ts";
import { get, NetworkClient } from "../helpers/network/network-client.ts";
import { type NetworkServer, startNetworkServer } from "../helpers/network/network-server.ts";
import { noise, sha256 } from "../helpers/raw-content.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

const file = "firmware.bin";
const content = noise(50_000);
const whole = { sha256: sha256(content), bytes: content.length };
const files = { [file]: content };
const patience = { timeout: 30_000, interval: 50 };

type Change = TftpEventOf<"listening-address">;

function changesOf(server: NetworkServer): string[] {
  const changes = server.lines.filter((line): line is Change => line.type === "listening-address");
  return changes.map(({ change, host }) => `${change} ${host}`);
}

async function expectChange(server: NetworkServer, ...expected: readonly string[]): Promise<void> {
  await vi.waitFor(() => expect(changesOf(server)).toEqual(expect.arrayContaining([...expected])), patience);
}

describe.skipIf(networksAreAbsent())("interfaces that come, go and change", () => {
  describeOnEachTransport("an interface's addresses", (transport) => {
    const network = sharedNetwork();
    const { IPv4 } = network.ends;

    test("an address that is added or removed is followed; others go on", async () => {
      const server = await startNetworkServer(network.server, { transport, host: `${LAN}:4` }, files);
      expect(await get(network.client, { host: IPv4.server, file })).toMatchObject(whole);
      await network.server.addAddresses(LAN, "10.9.0.77/24");
      await expectChange(server, "added 10.9.0.77");
      expect(await get(network.client, { host: "10.9.0.77", file, strict: true })).toMatchObject(whole);
      await network.server.run("ip", "address", "del", "10.9.0.77/24", "dev", LAN);
      await expectChange(server, "removed 10.9.0.77");
      expect(await get(network.client, { host: IPv4.server, file })).toMatchObject(whole);
      expect(changesOf(server)).toEqual(["added 10.9.0.77", "removed 10.9.0.77"]);
      expect(server.lines.filter(({ type }) => type === "listening")).toHaveLength(1);
    });

    test("only the addresses of the interface and the family are served", async () => {
      await network.server.addAddresses(LAN, "fd09::5/64");
      await startNetworkServer(network.server, { transport, host: `${LAN}:6` }, files);
      expect(await get(network.client, { host: "fd09::5", file })).toMatchObject(whole);
      expect(await get(network.client, { host: IPv4.server, file, retries: 1, silenceMs: 300 })).toHaveProperty(
        "error",
      );
    });

    test("the first address that changes is reported by listening, too", async () => {
      const server = await startNetworkServer(network.server, { transport, host: `${LAN}:4` }, files);
      await network.server.run("ip", "address", "add", "10.9.4.1/24", "dev", LAN);
      await network.server.run("ip", "address", "del", `${IPv4.server}/24`, "dev", LAN);
      await expectChange(server, "added 10.9.4.1", `removed ${IPv4.server}`);
      await vi.waitFor(() => {
        const listening = server.lines.filter((line): line is TftpEventOf<"listening"> => line.type === "listening");
        expect(listening.at(-1)).toMatchObject({ host: "10.9.4.1", addresses: [{ host: "10.9.4.1", port: 69 }] });
      }, patience);
      await network.server.run("ip", "address", "add", `${IPv4.server}/24`, "dev", LAN);
      await network.server.run("ip", "address", "del", "10.9.4.1/24", "dev", LAN);
      await expectChange(server, `added ${IPv4.server}`, "removed 10.9.4.1");
    });

    test("a transfer goes on when its address goes and comes back", async () => {
      const server = await startNetworkServer(
        network.server,
        { transport, host: `${LAN}:4`, retransmitMs: 500 },
        files,
      );
      const client = new NetworkClient(network.client, { host: IPv4.server, file, pauseAt: 20, retries: 40 });
      await client.paused();
      await network.server.run("ip", "address", "del", `${IPv4.server}/24`, "dev", LAN);
      await expectChange(server, `removed ${IPv4.server}`);
      expect(server.lines.filter(({ type }) => type === "transfer-ended")).toEqual([]);
      await network.server.run("ip", "address", "add", `${IPv4.server}/24`, "dev", LAN);
      client.proceed();
      expect(await client.result()).toMatchObject(whole);
      expect(await server.endOf(file)).toMatchObject({ outcome: "complete" });
    });

    test("a transfer goes on while other addresses come and go", async () => {
      const server = await startNetworkServer(network.server, { transport, host: LAN }, files);
      const client = new NetworkClient(network.client, { host: IPv4.server, file, pauseAt: 20, retries: 40 });
      await client.paused();
      await network.server.addAddresses(LAN, "10.9.0.78/24");
      await expectChange(server, "added 10.9.0.78");
      await network.server.run("ip", "address", "del", "10.9.0.78/24", "dev", LAN);
      await expectChange(server, "removed 10.9.0.78");
      client.proceed();
      expect(await client.result()).toMatchObject(whole);
      expect(await server.endOf(file)).toMatchObject({ outcome: "complete" });
    });

    test("an interface that is removed and made anew is served again; the other addresses go on", async () => {
      await network.lab.cable(network.server, "usb0", network.client, "usb0");
      await network.server.addAddresses("usb0", "10.9.5.1/24");
      await network.client.addAddresses("usb0", "10.9.5.9/24");
      const server = await startNetworkServer(network.server, { transport, host: [IPv4.server, "usb0"] }, files);
      expect(await get(network.client, { host: "10.9.5.1", file })).toMatchObject(whole);
      await network.server.run("ip", "link", "del", "usb0");
      await expectChange(server, "removed 10.9.5.1");
      expect(await get(network.client, { host: IPv4.server, file })).toMatchObject(whole);
      await network.lab.cable(network.server, "usb0", network.client, "usb0");
      await network.server.addAddresses("usb0", "10.9.5.1/24");
      await network.client.addAddresses("usb0", "10.9.5.9/24");
      await expectChange(server, "added 10.9.5.1");
      expect(await get(network.client, { host: "10.9.5.1", file, strict: true })).toMatchObject(whole);
    });

    test("a cable that is out removes no address, as while a board is off", async () => {
      await network.lab.cable(network.server, "board", network.client, "board");
      await network.server.addAddresses("board", "10.9.6.1/24");
      await network.client.addAddresses("board", "10.9.6.9/24");
      const server = await startNetworkServer(network.server, { transport, host: ["board:4", `${LAN}:4`] }, files);
      for (let flap = 0; flap < 3; flap++) {
        await network.client.run("ip", "link", "set", "board", "down");
        // A look that follows: what else has changed shows that it is over.
        await network.server.addAddresses(LAN, `10.9.0.${80 + flap}/24`);
        await expectChange(server, `added 10.9.0.${80 + flap}`);
        await network.client.run("ip", "link", "set", "board", "up");
      }
      expect(changesOf(server).filter((change) => change.includes("10.9.6.1"))).toEqual([]);
      expect(await get(network.client, { host: "10.9.6.1", file, retries: 20 })).toMatchObject(whole);
    });

    test("an interface that flaps is served when it rests, and each change of an address was reported once", async () => {
      await network.lab.cable(network.server, "flaps", network.client, "flaps");
      await network.server.addAddresses("flaps", "10.9.12.1/24");
      await network.client.addAddresses("flaps", "10.9.12.9/24");
      const server = await startNetworkServer(network.server, { transport, host: ["flaps:4", IPv4.server] }, files);
      for (let flap = 0; flap < 10; flap++) {
        await network.server.run("ip", "link", "set", "flaps", "down");
        await network.server.run("ip", "link", "set", "flaps", "up");
      }
      const asked = { host: "10.9.12.1", file, retries: 20, strict: true };
      expect(await get(network.client, asked)).toMatchObject(whole);
      const changes = changesOf(server);
      expect(changes).toEqual(changes.map((_, index) => `${index % 2 === 0 ? "removed" : "added"} 10.9.12.1`));
      expect(server.lines.filter(({ type }) => type === "warning")).toEqual([]);
    });

    test("waitForAddress waits for an interface, and for an address that is named", async () => {
      const options = { transport, host: ["late:4", "10.9.8.1"], waitForAddress: true } as const;
      const starting = startNetworkServer(network.server, options, files);
      await network.lab.cable(network.server, "late", network.client, "late");
      await network.server.addAddresses("late", "10.9.7.1/24");
      await network.client.addAddresses("late", "10.9.7.9/24");
      await network.server.addAddresses("late", "10.9.8.1/24");
      await starting;
      expect(await get(network.client, { host: "10.9.7.1", file })).toMatchObject(whole);
    });
  });

  describe("native", () => {
    const network = sharedNetwork();

    test("an interface without a carrier is bound at the start", async () => {
      await network.lab.cable(network.server, "dark", network.client, "dark");
      await network.client.run("ip", "link", "set", "dark", "down");
      await network.server.addAddresses("dark", "10.9.6.1/24");
      await network.client.addAddresses("dark", "10.9.6.9/24");
      const options = { transport: "native", host: "dark:4" } as const;
      await startNetworkServer(network.server, options, files);
      await network.client.run("ip", "link", "set", "dark", "up");
      expect(await get(network.client, { host: "10.9.6.1", file, retries: 20 })).toMatchObject(whole);
    });
  });
});
