import { networkInterfaces } from "node:os";
import { describe, expect, test } from "vitest";
import { noise } from "../helpers/raw-content.ts";
import { download } from "../helpers/raw-download.ts";
import { RawClient } from "../helpers/raw-client.ts";
import { data, error, request } from "../helpers/raw-packets.ts";
import { sharedServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport, transports } from "../helpers/raw-transports.ts";

const files = { "a.bin": noise(2_000), "hello.txt": "hello\n" };
const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1"));

describeOnEachTransport("bound to all IPv4 addresses", (transport) => {
  const server = sharedServer({ transport, host: "0.0.0.0" }, files);
  // Only system calls tell which of its addresses a datagram was sent to; dgram does not.
  const sentTo = transport === "native" ? ["127.0.0.1", "127.0.0.2"] : ["127.0.0.1"];

  test("getHost() of a server on all addresses returns the wildcard address", async () => {
    expect(await server.tftp.getHost()).toBe("0.0.0.0");
  });

  test.each(sentTo)("replies leave from %s if the request was sent there", async (address) => {
    const client = await RawClient.open({ address, port: server.wellKnown.port });
    const reply = await client.request("hello.txt");
    expect(reply.bytes).toEqual(data(1, "hello\n"));
    expect(reply.from.address).toBe(address);
  });

  test.each(sentTo)("an ERROR to a request leaves from %s too", async (address) => {
    const client = await RawClient.open({ address, port: server.wellKnown.port });
    const reply = await client.request("missing");
    expect(reply.from.address).toBe(address);
    expect(reply.bytes.subarray(0, 4)).toEqual(error(1).subarray(0, 4));
  });
});

// On loopback dgram cannot know a broadcast from a request to another of our addresses there.
describe.runIf(transports.includes("native"))("a broadcast (native)", () => {
  describe.each(hasIpv6 ? ["0.0.0.0", "::"] : ["0.0.0.0"])("to a server that is bound to %s", (host) => {
    const server = sharedServer({ transport: "native", host }, files);

    test("a broadcast draws nothing, and is counted", async () => {
      const client = await RawClient.open({ address: "127.255.255.255", port: server.wellKnown.port });
      client.allowBroadcasts();
      await client.send(request("hello.txt"));
      await expect.poll(() => server.dropped, { timeout: 20_000 }).toMatchObject([{ reason: "not-unicast", count: 1 }]);
      await client.expectNothing();
    });
  });
});

describeOnEachTransport("bound to 127.0.0.2", (transport) => {
  describe.skipIf(process.platform !== "linux")("an address that is not the system's first choice", () => {
    const server = sharedServer({ transport, host: "127.0.0.2" }, files);

    test("replies leave from the bound address, also if it is not the system's first choice", async () => {
      const client = await server.client();
      expect((await client.request("hello.txt")).from.address).toBe("127.0.0.2");
    });
  });
});

describeOnEachTransport("IPv6", (transport) => {
  describe.skipIf(!hasIpv6)("bound to ::1", () => {
    const server = sharedServer({ transport, host: "::1" }, files);

    test("a file arrives whole from a server on ::1", async () => {
      const client = await server.client();
      const { content } = await download(client, "a.bin", {
        options: [
          ["blksize", "1024"],
          ["windowsize", "2"],
        ],
      });
      expect(content).toEqual(files["a.bin"]);
      expect(client.peer.address).toBe("::1");
      expect(await server.endOf(client)).toMatchObject({ outcome: "complete", client: { address: "::1" } });
    });

    test("a missing file draws ERROR 1 from a server on ::1", async () => {
      const client = await server.client();
      expect(await client.ask("missing")).toMatchObject({ kind: "error", code: 1 });
    });
  });

  describe.skipIf(!hasIpv6)("bound to ::", () => {
    const server = sharedServer({ transport, host: "::" }, files);

    test("a server on :: answers a request to ::1 from ::1", async () => {
      const client = await RawClient.open({ address: "::1", port: server.wellKnown.port });
      expect((await client.request("hello.txt")).from.address).toBe("::1");
    });

    // "::" takes IPv4 too unless it is told not to, and says nothing of which; whoever comes must be served rightly.
    test("a request to 127.0.0.1 draws the file from 127.0.0.1, or nothing, from a server on ::", async () => {
      const client = await RawClient.open({ address: "127.0.0.1", port: server.wellKnown.port });
      await client.send(request("hello.txt"));
      const reply = await client.receive(500).catch(() => undefined);
      expect([undefined, "127.0.0.1"]).toContain(reply?.from.address);
      expect([undefined, data(1, "hello\n")]).toContainEqual(reply?.bytes);
    });
  });
});
