import { expect, test } from "vitest";
import { noise } from "../helpers/raw-content.ts";
import { ack, request } from "../helpers/raw-packets.ts";
import { sharedServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

const files = { "a.bin": noise(600) };

describeOnEachTransport("maxTransfers", (transport) => {
  const server = sharedServer({ transport, maxTransfers: 2 }, files);

  test("a request over the limit draws nothing, is counted, and is served when asked again later", async () => {
    const [first, second, third] = [await server.client(), await server.client(), await server.client()];
    await first.request("a.bin");
    await second.request("a.bin");
    await third.send(request("a.bin"));
    await third.expectNothing();
    expect((await server.counters()).dropped["over-limit"]).toBe(1);
    expect(await server.running(third)).toBe(0);

    await first.send(ack(1));
    await first.expectBlocks(2);
    await first.send(ack(2));
    await server.endOf(first);
    await third.send(request("a.bin"));
    await third.expectBlocks(1);
  });
});

describeOnEachTransport("maxTransfersPerClient", (transport) => {
  const server = sharedServer({ transport, maxTransfersPerClient: 2 }, files);

  // Other loopback addresses than 127.0.0.1 are there without setup on Linux only.
  test.skipIf(process.platform !== "linux")("one client at its limit does not keep another one out", async () => {
    const [first, second, third] = [await server.client(), await server.client(), await server.client()];
    await first.request("a.bin");
    await second.request("a.bin");
    await third.send(request("a.bin"));
    await third.expectNothing();
    expect((await server.counters()).dropped["over-limit"]).toBe(1);
    const elsewhere = await server.client({ address: "127.0.0.2" });
    await elsewhere.send(request("a.bin"));
    await elsewhere.expectBlocks(1);
  });
});
