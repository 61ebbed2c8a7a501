import { expect, onTestFinished, test } from "vitest";
import { noise } from "../helpers/raw-content.ts";
import { download } from "../helpers/raw-download.ts";
import { ack, request } from "../helpers/raw-packets.ts";
import { TestServer, startServer } from "../helpers/raw-server.ts";
import { usualTransport } from "../helpers/raw-transports.ts";

const files = { "a.bin": noise(3_000) };
const big = { options: [["blksize", "1000"]] } as const;

test("reconfigured limits hold for the next request, and a running transfer goes on as it began", async () => {
  const server = await startServer({ transport: usualTransport() }, files);
  const running = await server.client();
  expect(await running.ask("a.bin", big)).toMatchObject({ options: { blksize: "1000" } });
  await server.tftp.reconfigure({ maxBlockSize: 600, maxTransfersPerClient: 2 });
  const next = await server.client();
  expect(await next.ask("a.bin", big)).toMatchObject({ options: { blksize: "600" } });
  await running.send(ack(0));
  await running.expectBlocks(1);
  await next.send(ack(0));
  await next.expectBlocks(1);
  const third = await server.client();
  await third.send(request("a.bin"));
  await expect.poll(async () => (await server.counters()).dropped["over-limit"]).toBe(1);
  for (const block of [1, 2, 3]) {
    await running.send(ack(block));
    await running.expectBlocks(block + 1);
  }
});

test("allow and deny change for the next request; a probe is always answered", async () => {
  const server = await startServer({ transport: usualTransport() }, files);
  await server.tftp.reconfigure({ deny: ["127.0.0.0/8"] });
  await (await server.client()).send(request("a.bin"));
  await expect.poll(async () => (await server.counters()).dropped.denied).toBe(1);
  await server.tftp.probe({ timeoutMs: 60_000 });
  await server.tftp.reconfigure({ deny: [] });
  expect((await download(await server.client(), "a.bin")).content).toEqual(files["a.bin"]);
});

test("a changed option holds for the next start, too, also if it was changed while stopped", async () => {
  const server = await startServer({ transport: usualTransport() }, files);
  await server.tftp.reconfigure({ maxBlockSize: 600 });
  await server.tftp.stop();
  await server.tftp.reconfigure({ maxWindowSize: 3 });
  const starting = server.start();
  await server.tftp.reconfigure({ maxWindowSize: 2 });
  await starting;
  const asked = [...big.options, ["windowsize", "16"]] as const;
  expect(await (await server.client()).ask("a.bin", { options: asked })).toMatchObject({
    options: { blksize: "600", windowsize: "2" },
  });
});

test("windowBytes and maxBlockSize: mtu hold for the next request, and go again", async () => {
  const server = await startServer({ transport: usualTransport() }, files);
  const asked = [...big.options, ["windowsize", "16"]] as const;
  const granted = async (): Promise<unknown> => await (await server.client()).ask("a.bin", { options: asked });
  await server.tftp.reconfigure({ windowBytes: 4_000, maxBlockSize: 600 });
  expect(await granted()).toMatchObject({ options: { blksize: "600", windowsize: "6" } });
  await server.tftp.reconfigure({ maxBlockSize: "mtu" });
  expect(await granted()).toMatchObject({ options: { blksize: "1000", windowsize: "4" } });
  await server.tftp.reconfigure({ windowBytes: 0 });
  expect(await granted()).toMatchObject({ options: { blksize: "1000", windowsize: "16" } });
});

test.each<[object, string]>([
  [{ maxBlockSize: "pmtu" }, 'maxBlockSize: expected a whole number from 8 to 65464, or "mtu", got "pmtu"'],
  [{ windowBytes: 7 }, "windowBytes: expected 0, or a whole number from 8 to 4294967296, got 7"],
  [{ port: 70 }, "port: expected one of maxBlockSize, "],
  [{ maxBlockSize: 7 }, 'maxBlockSize: expected a whole number from 8 to 65464, or "mtu", got 7'],
  [{ allow: ["everybody"] }, "allow: expected an array of addresses"],
])("%j is INVALID_OPTION, and changes nothing", async (options, message) => {
  const server = new TestServer();
  onTestFinished(() => server.close());
  await expect(server.tftp.reconfigure({ maxRetries: 1, ...options })).rejects.toMatchObject({
    code: "INVALID_OPTION",
    message: expect.stringContaining(message) as string,
  });
});
