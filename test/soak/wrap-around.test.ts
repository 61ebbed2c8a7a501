import { expect, test, vi } from "vitest";
import { noise } from "../helpers/raw-content.ts";
import { download } from "../helpers/raw-download.ts";
import { sharedServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

// Blocks of 8 bytes reach number 65535 with half a megabyte.
const blockSize = 8;
const small = ["blksize", String(blockSize)] as const;
const window64 = ["windowsize", "64"] as const;

describeOnEachTransport("wrap-around of block numbers", (transport) => {
  const beyond = noise(blockSize * 65_600 + 3);
  const exact = noise(blockSize * 65_535, 2);
  const server = sharedServer({ transport, retransmitMs: 250 }, { "beyond.bin": beyond, "exact.bin": exact });

  test("65535 is followed by 0 in lock-step", async () => {
    const client = await server.client();
    const { content, lastBlock } = await download(client, "beyond.bin", { options: [small] });
    expect(content.equals(beyond)).toBe(true);
    expect(lastBlock).toBe(65_601);
  });

  test("65535 is followed by 0 in windows", async () => {
    const client = await server.client();
    const { content } = await download(client, "beyond.bin", { options: [small, window64] });
    expect(content.equals(beyond)).toBe(true);
  });

  test("a file of exactly 65535 full blocks ends with an empty block 0", async () => {
    const client = await server.client();
    const { content, lastBlock } = await download(client, "exact.bin", { options: [small, window64] });
    expect(content.equals(exact)).toBe(true);
    expect(lastBlock).toBe(65_536);
    expect(await server.endOf(client)).toMatchObject({ outcome: "complete", bytes: exact.length });
  });

  test("the loss of each block at the wrap, twice over, is made good in windows", async () => {
    const client = await server.client();
    const { content } = await download(client, "beyond.bin", {
      options: [small, window64],
      loses: (block, arrival) => block >= 65_534 && block <= 65_538 && arrival <= 2,
    });
    expect(content.equals(beyond)).toBe(true);
  });

  test("with rollover 1 65535 is followed by 1 in lock-step, and in windows with losses", async () => {
    for (const options of [[small], [small, window64]]) {
      const client = await server.client();
      const { content } = await download(client, "beyond.bin", {
        options: [...options, ["rollover", "1"]],
        loses: (block, arrival) => block >= 65_534 && block <= 65_538 && arrival <= 2,
      });
      expect(content.equals(beyond)).toBe(true);
    }
  });

  test("the loss of a whole window at the wrap is made good", async () => {
    const client = await server.client();
    const { content } = await download(client, "beyond.bin", {
      options: [small, ["windowsize", "50"]],
      loses: (block, arrival) => block >= 65_500 && block <= 65_580 && arrival === 1,
    });
    expect(content.equals(beyond)).toBe(true);
  });
});
