import { expect, test } from "vitest";
import { noise } from "../helpers/raw-content.ts";
import { ack, data, error, request } from "../helpers/raw-packets.ts";
import { sharedServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

// RFC 1350 section 4: a packet from another TID must not disturb the transfer.
describeOnEachTransport("strangers", (transport) => {
  const server = sharedServer({ transport }, { "a.bin": noise(5_000) });

  test.each([
    ["ACK", ack(1)],
    ["ERROR", error(0, "stop")],
    ["DATA", data(1, "x")],
    ["request", request("a.bin")],
  ])("a stranger's %s from another port neither moves nor ends a transfer", async (_, bytes) => {
    const client = await server.client();
    const { from } = await client.request("a.bin");
    const stranger = await server.client();
    for (let round = 0; round < 3; round++) await stranger.send(bytes, from);
    await client.expectNothing();
    await client.send(ack(1));
    await client.expectBlocks(2);
  });

  test.skipIf(process.platform !== "linux")("the client's port at another address is a stranger's too", async () => {
    const client = await server.client();
    const { from } = await client.request("a.bin");
    const stranger = await server.client({ address: "127.0.0.3", port: client.port });
    await stranger.send(ack(1), from);
    await stranger.send(error(0, "stop"), from);
    await client.expectNothing();
    await client.send(ack(1));
    await client.expectBlocks(2);
    expect(await server.running(client)).toBe(1);
  });
});
