import { expect, test } from "vitest";
import { noise } from "../helpers/raw-content.ts";
import { ack, data, oack } from "../helpers/raw-packets.ts";
import { sharedServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

// Blocks of 8 bytes reach number 65535 with half a megabyte.
const blockSize = 8;
const windowSize = 64;
const content = noise(blockSize * 65_600);

describeOnEachTransport("rollover", (transport) => {
  const server = sharedServer({ transport }, { "a.bin": content });

  test.each(["0", "1"])("after block 65535 comes block %s for a client that asks for it", async (rollover) => {
    const client = await server.client();
    const options = [
      ["blksize", String(blockSize)],
      ["windowsize", String(windowSize)],
      ["rollover", rollover],
      // On a busy machine nothing is sent twice.
      ["timeout", "255"],
    ] as const;
    expect((await client.request("a.bin", { options })).bytes).toEqual(oack(...options));
    await client.send(ack(0));
    const sent: Buffer[] = [];
    for (let block = 1; block <= 65_600; block++) {
      sent.push((await client.receive()).bytes);
      if (block % windowSize === 0) await client.send(ack(block < 65_536 ? block : block + Number(rollover)));
    }
    for (const block of [1, 65_534, 65_535, 65_536, 65_537, 65_600]) {
      const number = block < 65_536 ? block : block + Number(rollover);
      expect(sent[block - 1]).toEqual(data(number, content.subarray((block - 1) * blockSize, block * blockSize)));
    }
    await client.send(ack(65_600 + Number(rollover)));
    expect((await client.receive()).bytes).toEqual(data(65_601 + Number(rollover)));
    await client.send(ack(65_601 + Number(rollover)));
    expect(await server.endOf(client)).toMatchObject({ outcome: "complete" });
  });
});
