import { expect, test } from "vitest";
import { RawClient } from "../helpers/raw-client.ts";
import { ack, data, opcode, request } from "../helpers/raw-packets.ts";
import { sharedServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

const files = { "hello.txt": "hello" };
const linux = process.platform === "linux";

// Other loopback addresses than 127.0.0.1 are there without setup on Linux only.
describeOnEachTransport("allow and deny", (transport) => {
  const allow = ["127.0.0.0/30", "127.0.0.9"];
  const server = sharedServer({ transport, allow, deny: ["127.0.0.2"] }, files);

  test.runIf(linux).each(["127.0.0.1", "127.0.0.3", "127.0.0.9"])(
    "%s, which `allow` lists, is served",
    async (address) => {
      const client = await server.client({ address });
      expect((await client.request("hello.txt")).bytes).toEqual(data(1, "hello"));
    },
  );

  test.runIf(linux).each([
    ["127.0.0.4", "in no range"],
    ["127.0.0.8", "beside an allowed address"],
    ["127.0.0.2", "allowed, and denied"],
  ])("%s (%s) draws nothing, whatever it sends, and is counted", async (address) => {
    const client = await server.client({ address });
    const before = await server.counters();
    const requests = [request("hello.txt"), request("../x"), request("hello.txt", { opcode: opcode.wrq }), ack(1)];
    for (const bytes of [...requests, Buffer.of(0)]) await client.send(bytes);
    await client.expectNothing();
    await server.settle();
    const after = await server.counters();
    expect(after.dropped).toEqual({ ...before.dropped, denied: before.dropped.denied + 5 });
    // The one of settle().
    expect(after.refused).toEqual({ ...before.refused, "not-found": before.refused["not-found"] + 1 });
    const tellers = (): unknown[] => server.dropped.map(({ reason, client: from }) => [reason, from?.address]);
    await expect.poll(tellers).toContainEqual(["denied", address]);
  });
});

describeOnEachTransport("an empty allow list", (transport) => {
  const server = sharedServer({ transport, allow: [] }, files);

  test("an empty allow list serves no client", async () => {
    const client = await server.client();
    await client.send(request("hello.txt"));
    await client.expectNothing();
    await expect.poll(async () => (await server.counters()).dropped.denied).toBe(1);
  });
});

// A socket for both families reports an IPv4 client by its IPv4 address, whatever the kernel calls it (::ffff:127.0.0.1).
describeOnEachTransport("allow and deny on a socket for both families", (transport) => {
  const sixOnly = sharedServer({ transport, host: "::", allow: ["::/0"] }, files);
  const fourOnly = sharedServer({ transport, host: "::", deny: ["::/0"] }, files);

  test("IPv6 ranges do not match IPv4 clients", async () => {
    const stranger = await RawClient.open({ ...sixOnly.wellKnown, address: "127.0.0.1" });
    await stranger.send(request("hello.txt"));
    await stranger.expectNothing();
    expect((await (await sixOnly.client()).request("hello.txt")).bytes).toEqual(data(1, "hello"));
    const board = await RawClient.open({ ...fourOnly.wellKnown, address: "127.0.0.1" });
    expect((await board.request("hello.txt")).bytes).toEqual(data(1, "hello"));
  });
});
