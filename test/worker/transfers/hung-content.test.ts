import { expect, test, vi } from "vitest";
import { openHandler } from "../../helpers/request-handler.ts";
import { noise } from "../../helpers/raw-content.ts";
import { download } from "../../helpers/raw-download.ts";
import { request } from "../../helpers/raw-packets.ts";
import { describeOnEachTransport } from "../../helpers/raw-transports.ts";
import { Gate, MemoryFile } from "../content/fixtures.ts";

const content = noise(300_000);
const never = new Promise<never>(() => {});
const windowed = { options: [["windowsize", "8"]] } as const;

describeOnEachTransport("content that never answers", (transport) => {
  test("32 files that never open delay no other transfer", async () => {
    const handler = await openHandler((name) => (name === "hung" ? never : file()), {
      transport,
      maxTransfersPerClient: 64,
    });
    for (let count = 0; count < 32; count++) await (await handler.client()).send(request("hung"));
    await expect.poll(() => handler.transfers.size).toBe(32);
    const other = await handler.client();
    expect((await download(other, "other", windowed)).content).toEqual(content);
  });

  test("a file is wanted until its request is evicted, whether it has been opened or not", async () => {
    const asked: { name: string; isWanted: (() => boolean) | undefined }[] = [];
    const handler = await openHandler(
      (name, { isWanted }) => {
        asked.push({ name, isWanted });
        return never;
      },
      { transport, maxTransfersPerClient: 2 },
    );
    for (const name of ["first", "second", "third"]) {
      // oxlint-disable-next-line no-await-in-loop -- in this order
      await (await handler.client()).send(request(name));
      await expect.poll(() => asked.at(-1)?.name).toBe(name);
    }
    expect(asked.map(({ isWanted }) => isWanted?.())).toEqual([false, true, true]);
  });

  test("32 files that open, and are never read, delay no other transfer", async () => {
    const handler = await openHandler((name) => file(name === "hung"), { transport, maxTransfersPerClient: 64 });
    for (let count = 0; count < 32; count++) await (await handler.client()).send(request("hung"));
    await expect.poll(() => handler.reported("request").length).toBe(32);
    const other = await handler.client();
    expect((await download(other, "other", windowed)).content).toEqual(content);
  });

  test("a file that is not opened in 30 s is refused by ERROR 0, and closed if it opens later", async () => {
    const gate = new Gate();
    const late = new MemoryFile(content);
    const handler = await openHandler(() => gate.closed.then(() => late), { transport });
    const client = await handler.client();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    await client.send(request("late"));
    await vi.waitUntil(() => handler.transfers.size === 1);
    vi.advanceTimersByTime(28_000);
    expect(handler.transfers.size).toBe(1);
    vi.advanceTimersByTime(2_000);
    expect(handler.transfers.size).toBe(0);
    expect(await client.receivePacket()).toMatchObject({ kind: "error", code: 0, terminated: true });
    expect(handler.reported("refused")).toMatchObject([
      { file: "late", reason: "read-error", cause: { message: "the file was not opened within 30 s" } },
    ]);
    gate.open();
    await vi.waitUntil(() => late.closes === 1);
  });

  test("a file that is not read in 30 s ends its transfer by ERROR 0", async () => {
    const handler = await openHandler(() => file(true), { transport });
    const client = await handler.client();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    await client.send(request("hung"));
    await vi.waitUntil(() => handler.reported("request").length === 1);
    vi.advanceTimersByTime(30_000);
    expect(handler.transfers.size).toBe(0);
    expect(await client.receivePacket()).toMatchObject({ kind: "error", code: 0, terminated: true });
    expect(handler.reported("transfer-ended")).toMatchObject([{ outcome: "failed" }]);
  });
});

async function file(hung = false): Promise<MemoryFile> {
  const memory = new MemoryFile(content);
  if (hung) memory.gate = never;
  return memory;
}
