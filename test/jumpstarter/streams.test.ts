import { expect, test } from "vitest";
import { type ExporterClient, failureOf } from "../helpers/jumpstarter/exporter-client.ts";
import { ExporterGround } from "../helpers/jumpstarter/exporter-ground.ts";

const PIECE = Buffer.alloc(65_536, 7);

async function beginUpload(ground: ExporterGround, path: string, client: ExporterClient) {
  const fd = (await client.call("storage", "open", path, "wb")) as string;
  const stream = await client.stream("storage");
  const write = client.call("storage", "file_write", fd, stream.handle);
  write.catch(() => {});
  stream.send(PIECE);
  // It is under way: its temporary file is there.
  await expect.poll(() => ground.files().length).toBeGreaterThan(0);
  return { fd, stream, write };
}

test("an upload whose stream is cancelled leaves nothing, and its file is given up", async () => {
  const ground = new ExporterGround();
  const { client } = await ground.start();
  const { fd, stream, write } = await beginUpload(ground, "board/zImage", client);
  stream.call.cancel();
  expect((await failureOf(write)).code).toBe(2);
  await expect.poll(() => ground.files()).toEqual([]);
  expect(await client.call("storage", "file_closed", fd)).toBe(true);
  const moved = ground.events.find(({ type }) => type === "file-moved");
  expect(moved).toMatchObject({ direction: "upload", path: "board/zImage", complete: false });
});

test("an upload whose client is gone leaves nothing, and other clients go on", async () => {
  const ground = new ExporterGround();
  const exporter = ground.exporter();
  await exporter.listen(`unix:${ground.socket}`);
  const cable = await ground.connectByCable();
  await beginUpload(ground, "zImage", cable.client);
  const other = await ground.connect();
  cable.cut();
  await expect.poll(() => ground.files()).toEqual([]);
  await other.upload("zImage", PIECE);
  expect(ground.files()).toEqual(["zImage"]);
});

test("a file that is open for writing is given up with its client's connection, between two uploads, too", async () => {
  const ground = new ExporterGround();
  const { client } = await ground.start();
  const fd = (await client.call("storage", "open", "a", "wb")) as string;
  const stream = await client.stream("storage");
  stream.send(PIECE);
  stream.end();
  await Promise.all([stream.received(), client.call("storage", "file_write", fd, stream.handle)]);
  expect(ground.files()).toHaveLength(1);
  client.close();
  await expect.poll(() => ground.files()).toEqual([]);
});

test("an upload that is under way when the exporter closes leaves nothing", async () => {
  const ground = new ExporterGround();
  const { exporter, client } = await ground.start();
  await beginUpload(ground, "zImage", client);
  await exporter.close();
  expect(ground.files()).toEqual([]);
});

test("a stream fills up before its call comes, and the call takes all of it", async () => {
  const ground = new ExporterGround();
  const { client } = await ground.start();
  const fd = (await client.call("storage", "open", "a", "wb")) as string;
  const stream = await client.stream("storage");
  const content = Buffer.concat(Array.from({ length: 160 }, () => PIECE));
  stream.send(content);
  stream.end();
  // It is full: a call on the same connection gets through all the same.
  await expect.poll(() => stream.call.writableLength).toBeGreaterThan(0);
  await Promise.all([stream.received(), client.call("storage", "file_write", fd, stream.handle)]);
  await client.call("storage", "file_close", fd);
  expect(content.equals(await client.download("a"))).toBe(true);
});

test("a download that its client does not read waits, and holds up nobody", async () => {
  const ground = new ExporterGround();
  const { client } = await ground.start();
  await client.upload("a", Buffer.concat(Array.from({ length: 320 }, () => PIECE)));
  const fd = (await client.call("storage", "open", "a", "rb")) as string;
  const stream = await client.stream("storage");
  stream.end();
  let isRead = false;
  const read = client.call("storage", "file_read", fd, stream.handle).then(() => (isRead = true));
  expect(await client.call("storage", "exists", "a")).toBe(true);
  expect(isRead).toBe(false);
  expect(await stream.received()).toHaveLength(320 * 65_536);
  await read;
});

test("a handle is good for one call, of its own driver and connection", async () => {
  const ground = new ExporterGround();
  const { client } = await ground.start();
  const other = await ground.connect();
  const fd = (await client.call("storage", "open", "a", "wb")) as string;
  const stream = await client.stream("storage");
  stream.end();
  expect((await failureOf(other.call("storage", "file_write", fd, stream.handle))).code).toBe(3);
  await client.call("storage", "file_write", fd, stream.handle);
  const again = await failureOf(client.call("storage", "file_write", fd, stream.handle));
  expect(again).toEqual({ code: 3, details: expect.stringContaining("used already") });
});

test("a stream of a driver's own is refused as not found", async () => {
  const { client } = await new ExporterGround().start();
  client.metadata.set("request", JSON.stringify({ kind: "driver", uuid: client.uuid("tftp"), method: "connect" }));
  const clone = client.metadata.clone.bind(client.metadata);
  client.metadata.clone = () => Object.assign(clone(), { set: () => {} });
  expect((await failureOf(client.stream("storage"))).code).toBe(5);
});

test("a half-close without GOAWAY is a broken upload: it may be a client that was killed", async () => {
  const ground = new ExporterGround();
  const { client } = await ground.start();
  const { stream, write } = await beginUpload(ground, "zImage", client);
  stream.call.end();
  expect((await failureOf(write)).code).toBe(2);
  await expect.poll(() => ground.files()).toEqual([]);
});
