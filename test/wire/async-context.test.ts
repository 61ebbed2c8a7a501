import { AsyncLocalStorage } from "node:async_hooks";
import { expect, test } from "vitest";
import type { TftpEvent } from "../../src/contract/events/events.ts";
import { noise } from "../helpers/raw-content.ts";
import { download } from "../helpers/raw-download.ts";
import { TestServer, startServer } from "../helpers/raw-server.ts";

const context = new AsyncLocalStorage<string>();

test("a listener runs in the async context of on(), whichever call or thread makes the event", async () => {
  const server = await context.run("constructor", () => startServer({}, { "a.bin": noise(700) }));
  const seen: string[] = [];
  const note = ({ type }: TftpEvent): void => void seen.push(`${type} in ${context.getStore()}`);
  context.run("on", () => {
    server.tftp.on("transfer-ended", note);
    server.tftp.on("warning", note);
    server.tftp.on("stopped", note);
  });
  await download(await server.client(), "a.bin");
  // It emits a warning while it runs.
  await context.run("start", () => server.tftp.start());
  await context.run("stop", () => server.tftp.stop());
  expect(seen.sort()).toEqual(["stopped in on", "transfer-ended in on", "warning in on"]);
});

test("a handler runs in the async context of addFile(), also after its first await", async () => {
  const server = await context.run("start", () => startServer());
  const added = context.run("addFile", () =>
    server.tftp.addFile("who", async () => {
      const before = context.getStore();
      await Promise.resolve();
      return `${before} ${context.getStore()}`;
    }),
  );
  await added.ready;
  const { content } = await download(await server.client(), "who");
  expect(content.toString()).toBe("addFile addFile");
});

test("once(), waitForTransfer() and events() go on in the context of the code that awaits them", async () => {
  const server = new TestServer({}, { "a.bin": noise(700) });
  await context.run("start", () => server.start());
  const stores = await context.run("awaiting", async () => {
    const stream = server.tftp.events();
    const once = server.tftp.once("transfer-ended").then(() => context.getStore());
    const waited = server.tftp.waitForTransfer().then(() => context.getStore());
    const read = stream.next().then(() => context.getStore());
    await context.run("client", async () => download(await server.client(), "a.bin"));
    return Promise.all([once, waited, read]);
  });
  expect(stores).toEqual(["awaiting", "awaiting", "awaiting"]);
  await server.close();
});

test("the logger runs in the async context of the constructor", async () => {
  const stores = new Set<string | undefined>();
  const log = (): void => void stores.add(context.getStore());
  const server = context.run("constructor", () => {
    return new TestServer({ logger: { debug: log, info: log, warn: log, error: log } });
  });
  await context.run("start", () => server.start());
  await context.run("close", () => server.close());
  expect([...stores]).toEqual(["constructor"]);
});
