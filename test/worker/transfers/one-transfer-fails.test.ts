import { expect, test } from "vitest";
import { SharedBlockCache } from "../../../src/worker/content/blocks/block-cache.ts";
import type { BlockCache, BlockReader } from "../../../src/worker/content/content.ts";
import { openHandler } from "../../helpers/request-handler.ts";
import { noise } from "../../helpers/raw-content.ts";
import { download } from "../../helpers/raw-download.ts";
import { ack } from "../../helpers/raw-packets.ts";
import { describeOnEachTransport } from "../../helpers/raw-transports.ts";
import { MemoryFile } from "../content/fixtures.ts";

const content = noise(2_000);

/** A defect of ours that shows at block 2 of the first transfer: in a datagram's callback, with nobody to catch it. */
function brokenOnce(): BlockCache {
  const cache = new SharedBlockCache(1 << 20);
  let broken = false;
  return {
    reader(...args): BlockReader {
      const reader = cache.reader(...args);
      if (broken) return reader;
      broken = true;
      return {
        lastBlock: reader.lastBlock,
        load: (block, done) => reader.load(block, done),
        close: () => reader.close(),
        chunkWith: (block) => {
          if (block === 2) throw new TypeError("a defect");
          return reader.chunkWith(block);
        },
      };
    },
    close: () => cache.close(),
  };
}

describeOnEachTransport("an uncaught error in one transfer", (transport) => {
  test("an uncaught error in a transfer ends that one by ERROR 0, with the cause, and no other", async () => {
    const handler = await openHandler(async () => new MemoryFile(content), { transport, cache: brokenOnce() });
    const [first, second] = [await handler.client(), await handler.client()];
    await first.request("a");
    await second.request("a");
    await first.send(ack(1));
    expect(await first.receivePacket()).toMatchObject({ kind: "error", code: 0, text: "Internal error" });
    await first.expectNothing();
    expect(handler.reported("transfer-ended")).toMatchObject([
      { outcome: "failed", client: { port: first.port }, cause: { name: "TypeError", message: "a defect" } },
    ]);
    await second.send(ack(1));
    await second.expectBlocks(2);
    const third = await handler.client();
    expect((await download(third, "a")).content).toEqual(content);
  });

  test("an uncaught error while a transfer begins is a refusal", async () => {
    const cache: BlockCache = {
      reader: () => {
        throw new TypeError("a defect");
      },
      close: async () => {},
    };
    const handler = await openHandler(async () => new MemoryFile(content), { transport, cache });
    const client = await handler.client();
    expect(await client.ask("a")).toMatchObject({ kind: "error", code: 0 });
    expect(handler.reported("refused")).toMatchObject([{ reason: "read-error", cause: { message: "a defect" } }]);
    expect(handler.transfers.size).toBe(0);
  });
});
