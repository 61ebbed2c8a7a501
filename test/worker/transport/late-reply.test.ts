import { expect, test } from "vitest";
import { DescriptorLedger } from "../../../src/worker/transport/linux/system/descriptor-ledger.ts";
import { chooseTransport } from "../../../src/worker/transport/choose.ts";
import { RawClient } from "../../helpers/raw-client.ts";
import { describeOnEachTransport } from "../../helpers/raw-transports.ts";

describeOnEachTransport("the well-known port, once closed", (transport) => {
  test("a closed listener does not reply, not even through a socket that has got its descriptor's number", async () => {
    const needs = { ledger: new DescriptorLedger(), mustNotSleep: () => true };
    const sockets = await chooseTransport(transport, needs, () => {});
    const receiver = { onRequest: () => {}, onNotUnicast: () => {}, onReplyLost: () => {}, onError: () => {} };
    const loopback = { address: "127.0.0.1", port: 0 };
    const listener = await sockets.listen(loopback, receiver);
    await listener.close();
    const successor = await sockets.listen(loopback, receiver);
    const client = await RawClient.open(successor.bound);
    const from = await sockets.open(loopback, { address: "127.0.0.1", port: client.port });
    listener.reply(Buffer.from("late"), { address: "127.0.0.1", port: client.port }, listener.bound);
    await client.expectNothing();
    from.close();
    await successor.close();
    sockets.close();
    expect(needs.ledger.open).toEqual([]);
  });
});
