import { networkInterfaces } from "node:os";
import { describe, expect, onTestFinished, test } from "vitest";
import { Tftp } from "../../src/index.ts";
import { noise } from "../helpers/raw-content.ts";
import { RawClient } from "../helpers/raw-client.ts";
import { data } from "../helpers/raw-packets.ts";
import { sharedServer, startServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

const files = { "a.bin": noise(2_000), "hello.txt": "hello\n" };
const isLinux = process.platform === "linux";
const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1"));
const hosts = ["127.0.0.1", ...(isLinux ? ["127.0.0.2"] : []), ...(hasIpv6 ? ["::1"] : [])];
const loopback = Object.entries(networkInterfaces()).find(([, all]) => all?.some(({ internal }) => internal))?.[0];

describeOnEachTransport("several addresses", (transport) => {
  const server = sharedServer({ transport, host: hosts }, files);

  test.each(hosts)("a request to %s draws the file from there, by one port for all", async (address) => {
    const client = await RawClient.open({ address, port: server.wellKnown.port });
    const reply = await client.request("hello.txt");
    expect(reply.bytes).toEqual(data(1, "hello\n"));
    expect(reply.from.address).toBe(address);
  });

  test.each(hosts)("a refusal leaves from %s if the request was sent there, and its event says so", async (address) => {
    const client = await RawClient.open({ address, port: server.wellKnown.port });
    expect((await client.request("missing")).from).toEqual({ address, port: server.wellKnown.port });
    await expect
      .poll(() => server.refused.map(({ local }) => local))
      .toContainEqual({ address, port: server.wellKnown.port });
  });

  test("the event of a request says which address it came to", async () => {
    for (const address of hosts) {
      const requested = server.tftp.once("request");
      const client = await RawClient.open({ address, port: server.wellKnown.port });
      await client.request("hello.txt");
      expect((await requested).local).toEqual({ address, port: server.wellKnown.port });
    }
  });

  test("getHost() is the first of them, and getAddresses() all", async () => {
    const { port } = server.wellKnown;
    expect(await server.tftp.getHost()).toBe("127.0.0.1");
    expect(await server.tftp.getAddresses()).toEqual(hosts.map((host) => ({ host, port })));
  });

  test("probe() reaches the first address", async () => {
    expect(await server.tftp.probe({ timeoutMs: 60_000 })).toMatchObject({
      host: "127.0.0.1",
      port: server.wellKnown.port,
    });
  });
});

describeOnEachTransport("other hosts", (transport) => {
  test("start() and listening report all addresses; a stopped server has none", async () => {
    const { tftp } = await startServer({ transport, host: hosts }, files);
    await tftp.stop();
    expect(await tftp.getAddresses()).toEqual([]);
    expect(await tftp.getHost()).toBe("127.0.0.1");
    const listening = tftp.once("listening");
    const started = await tftp.start();
    expect(started.addresses.map(({ host }) => host)).toEqual(hosts);
    expect(started.addresses.every(({ port }) => port === started.port)).toBe(true);
    expect(await listening).toMatchObject({ host: "127.0.0.1", addresses: started.addresses });
  });

  test("an address that a wildcard of the list covers is bound by the wildcard", async () => {
    const { tftp, wellKnown } = await startServer({ transport, host: ["127.0.0.1", "0.0.0.0"] }, files);
    expect(await tftp.getAddresses()).toEqual([{ host: "0.0.0.0", port: wellKnown.port }]);
  });

  test("* serves both families", async () => {
    const { wellKnown } = await startServer({ transport, host: "*" }, files);
    for (const address of hasIpv6 ? ["127.0.0.1", "::1"] : ["127.0.0.1"]) {
      const client = await RawClient.open({ address, port: wellKnown.port });
      expect((await client.request("hello.txt")).from.address).toBe(address);
    }
  });

  describe.skipIf(loopback === undefined)("an interface", () => {
    test.each([`${loopback}`, `${loopback}:4`])("%s is bound by its addresses", async (host) => {
      const { tftp, wellKnown } = await startServer({ transport, host }, files);
      const client = await RawClient.open({ address: "127.0.0.1", port: wellKnown.port });
      expect((await client.request("hello.txt")).bytes).toEqual(data(1, "hello\n"));
      const bound = (await tftp.getAddresses()).map((address) => address.host);
      expect(bound[0]).toBe("127.0.0.1");
      expect(bound.includes("::1")).toBe(hasIpv6 && host === loopback);
    });
  });

  test("an interface that is missing is named by the error, with those that there are", async () => {
    const started = startServer({ transport, host: ["127.0.0.1", "absent0"] });
    await expect(started).rejects.toMatchObject({ code: "ADDRESS_NOT_AVAILABLE" });
    await expect(started).rejects.toThrow(/there is no interface absent0.*this machine has .*\w/);
  });

  test("a start that cannot bind one of its addresses leaves none bound", async () => {
    const other = await startServer({ transport, host: "127.0.0.1" });
    const { port } = other.wellKnown;
    const started = startServer({ transport, host: ["127.0.0.2", "127.0.0.1"], port });
    await expect(started).rejects.toMatchObject({ code: "ADDRESS_IN_USE" });
    await expect(started).rejects.toThrow(`UDP port ${port} of 127.0.0.1 is in use`);
    await other.tftp.stop();
    await startServer({ transport, host: ["127.0.0.2", "127.0.0.1"], port });
  });

  test("waitForAddress waits as long as it says, and then the error names what is missing", async () => {
    const before = performance.now();
    await expect(startServer({ transport, host: "absent0", waitForAddress: 300 })).rejects.toThrow(/absent0/);
    expect(performance.now() - before).toBeGreaterThanOrEqual(290);
  });

  test("a start that waits for an interface says so, and a stop ends it", async () => {
    const tftp = new Tftp({ transport, host: ["127.0.0.1", "absent0"], port: 0, rootDir: ".", waitForAddress: true });
    onTestFinished(() => tftp.close());
    const warned = tftp.once("warning");
    const started = tftp.start();
    expect((await warned).message).toMatch(/waits.*absent0/);
    expect(tftp.state).toBe("starting");
    await tftp.stop();
    await expect(started).rejects.toMatchObject({ code: "ABORTED" });
  });
});

describe("bindDevice", () => {
  test("with the transport dgram it is refused", async () => {
    await expect(startServer({ transport: "dgram", bindDevice: "lo" })).rejects.toMatchObject({
      code: "INVALID_OPTION",
    });
  });
});
