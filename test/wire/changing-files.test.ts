import { appendFileSync, renameSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RawClient } from "../helpers/raw-client.ts";
import { noise } from "../helpers/raw-content.ts";
import { download } from "../helpers/raw-download.ts";
import { ack, type Packet } from "../helpers/raw-packets.ts";
import { sharedServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

// Larger than anything that is read ahead: what happens to the file in mid-transfer must show.
const size = 16 << 20;
const options = [["blksize", "32768"]] as const;

describeOnEachTransport("a file that changes during its transfer", (transport) => {
  const old = noise(size);
  const server = sharedServer({ transport, readAheadBytes: 1 << 20 });

  test("one that is replaced by another arrives with its old content to the end", async () => {
    server.write({ "image.bin": old, "image.new": noise(size, 2) });
    const client = await server.client();
    const { content } = await download(client, "image.bin", {
      options,
      onBlock: (block) => {
        if (block === 3) renameSync(join(server.root, "image.new"), join(server.root, "image.bin"));
      },
    });
    expect(content.equals(old)).toBe(true);
    const later = await server.client();
    expect((await download(later, "image.bin", { options })).content.equals(noise(size, 2))).toBe(true);
  });

  test("one that is removed arrives whole", async () => {
    server.write({ "gone.bin": old });
    const client = await server.client();
    const { content } = await download(client, "gone.bin", {
      options,
      onBlock: (block) => {
        if (block === 3) rmSync(join(server.root, "gone.bin"));
      },
    });
    expect(content.equals(old)).toBe(true);
  });

  test("one that grows arrives with the size that was announced", async () => {
    server.write({ "log.bin": old });
    const client = await server.client();
    const { content } = await download(client, "log.bin", {
      options,
      onBlock: (block) => {
        if (block === 3) appendFileSync(join(server.root, "log.bin"), "more");
      },
    });
    expect(content.equals(old)).toBe(true);
  });

  // One length in the middle of a block, and one on a border, where the end would look like a good one.
  test.each([8_000_000, 8 << 20, 0])("one that shrinks to %i bytes draws ERROR 0, outcome failed", async (length) => {
    server.write({ "shrunk.bin": old });
    const client = await server.client();
    await client.request("shrunk.bin", { options });
    await client.send(ack(0));
    await client.expectBlocks(1);
    truncateSync(join(server.root, "shrunk.bin"), length);
    const last = await followToTheEnd(client, 1);
    expect(last).toMatchObject({ kind: "error", code: 0, terminated: true });
    const event = await server.endOf(client);
    expect(event).toMatchObject({ outcome: "failed", total: size });
    expect(event.bytes).toBeLessThan(size);
    await client.expectNothing();
  });
});

/** Acknowledges full blocks until something else comes. */
async function followToTheEnd(client: RawClient, from: number): Promise<Packet> {
  for (let block = from; ; block++) {
    await client.send(ack(block));
    const packet = await client.receivePacket();
    if (packet.kind !== "data" || packet.payload.length < 32_768) return packet;
  }
}
