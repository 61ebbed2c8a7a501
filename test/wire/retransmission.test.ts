import { expect, test } from "vitest";
import { noise } from "../helpers/raw-content.ts";
import { ack, data, oack, request } from "../helpers/raw-packets.ts";
import { sharedServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

const content = noise(512 * 10);

describeOnEachTransport("retransmission by default", (transport) => {
  const server = sharedServer({ transport, retransmitMs: 1_000 }, { "a.bin": content });

  // Not before 0.7 s: Pi 4 firmware hangs on needless duplicates. The next one, by back-off, would come after 2 s more.
  test("an unanswered block 1 comes again after about a second", async () => {
    const client = await server.client();
    const asked = performance.now();
    const first = await client.request("a.bin");
    const second = await client.receive();
    expect(second.bytes).toEqual(first.bytes);
    expect(second.at - asked).toBeGreaterThan(700);
    expect(second.at - first.at).toBeLessThan(2_000);
  });

  test("an unanswered OACK comes again after about a second", async () => {
    const client = await server.client();
    const asked = performance.now();
    const first = await client.request("a.bin", { options: [["tsize", "0"]] });
    const second = await client.receive();
    expect(second.bytes).toEqual(oack(["tsize", String(content.length)]));
    expect(second.at - asked).toBeGreaterThan(700);
    expect(second.at - first.at).toBeLessThan(2_000);
  });

  test("a negotiated timeout is the interval of every retransmission", async () => {
    const client = await server.client();
    await client.request("a.bin", { options: [["timeout", "1"]] });
    await client.send(ack(0));
    const times: number[] = [];
    for (let round = 0; round < 4; round++) {
      const { bytes, at } = await client.receive();
      expect(bytes).toEqual(data(1, content.subarray(0, 512)));
      times.push(at);
    }
    // With back-off the third interval would be 4 s.
    expect((times[3] ?? 0) - (times[2] ?? 0)).toBeLessThan(2_500);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(700);
  });
});

describeOnEachTransport("retransmission", (transport) => {
  const server = sharedServer(
    { transport, retransmitMs: 80, maxRetries: 3 },
    { "a.bin": content, "one.bin": noise(100) },
  );

  test("only the block that is due is sent again in lock-step", async () => {
    const client = await server.client();
    await client.request("a.bin");
    await client.send(ack(1));
    await client.awaitBlock(2);
    await client.expectBlocks(2, 2);
    await client.send(ack(2));
    await client.awaitBlock(3);
    await client.expectBlocks(3);
  });

  test("the whole unacknowledged window is sent again", async () => {
    const client = await server.client();
    await client.request("a.bin", { options: [["windowsize", "3"]] });
    await client.send(ack(0));
    await client.awaitBlock(1);
    await client.expectBlocks(2, 3, 1, 2, 3);
    await client.send(ack(2));
    await client.awaitBlock(5);
    await client.expectBlocks(3, 4, 5);
  });

  test("the intervals of retransmissions grow", async () => {
    const client = await server.client();
    const asked = performance.now();
    await client.request("a.bin");
    await client.expectBlocks(1, 1);
    // 80, 160, and 320 ms at the earliest: without back-off the third would come after 240.
    expect((await client.receive()).at - asked).toBeGreaterThan(500);
  });

  test("a silent client is given up after maxRetries, and nothing is held", async () => {
    const client = await server.client();
    await client.request("a.bin");
    await client.send(ack(1));
    await client.awaitBlock(2);
    await client.expectBlocks(2, 2, 2);
    const ended = await server.endOf(client);
    expect(ended).toMatchObject({ outcome: "timed-out", bytes: 512 });
    // Three of block 2, and those of block 1 that were sent while this machine stood still.
    expect(ended.retransmissions).toBeGreaterThanOrEqual(3);
    await client.expectNothing(300);
    expect(await server.running(client)).toBe(0);
    await client.send(ack(2));
    await client.expectNothing();
  });

  test("a client that never answers the OACK is given up as timed-out", async () => {
    const client = await server.client();
    await client.send(request("a.bin", { options: [["tsize", "0"]] }));
    for (let round = 0; round < 4; round++) expect((await client.receivePacket()).kind).toBe("oack");
    expect(await server.endOf(client)).toMatchObject({ outcome: "timed-out", bytes: 0 });
  });

  test("if only the last ACK never came, the outcome is unconfirmed", async () => {
    const client = await server.client();
    await client.send(request("one.bin"));
    await client.expectBlocks(1, 1, 1, 1);
    expect(await server.endOf(client)).toMatchObject({ outcome: "unconfirmed", retransmissions: 3 });
    await client.expectNothing(300);
  });

  test("an ACK that came late stops the retransmissions", async () => {
    const client = await server.client();
    await client.request("one.bin");
    await client.expectBlocks(1);
    await client.send(ack(1));
    expect(await server.endOf(client)).toMatchObject({ outcome: "complete" });
    client.discard();
    await client.expectNothing(300);
  });
});

describeOnEachTransport("a slow client", (transport) => {
  const server = sharedServer({ transport, retransmitMs: 40, maxRetries: 8 }, { "a.bin": content });

  // The defaults, a second and eight retries, on a scale of 1 to 25: eight seconds of silence are 320 ms here.
  test("a client that falls silent for eight times the first interval is still served", async () => {
    const client = await server.client();
    await client.request("a.bin");
    await client.send(ack(1));
    await client.awaitBlock(2);
    await new Promise((resolve) => setTimeout(resolve, 320));
    await client.send(ack(2));
    await client.awaitBlock(3);
    expect(await server.running(client)).toBe(1);
  });
});
