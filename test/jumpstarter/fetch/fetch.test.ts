import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { FetchPolicy } from "../../../src/jumpstarter.ts";
import { failureOf } from "../../helpers/jumpstarter/exporter-client.ts";
import { ExporterGround } from "../../helpers/jumpstarter/exporter-ground.ts";

async function start(answer: RequestListener, fetchUrls?: FetchPolicy) {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const ground = new ExporterGround();
  const exporter = ground.exporter({ tftp: ground.tftp }, { fetchUrls });
  await exporter.listen(`unix:${ground.socket}`);
  const client = await ground.connect();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/kernel?signature=secret`;
  const fd = (await client.call("storage", "open", "zImage", "wb")) as string;
  const handle = { kind: "presigned_request", url, method: "GET", headers: {} };
  return { ground, client, fd, handle };
}

test("a file is uploaded from a URL, and its end is awaited", async () => {
  const content = Buffer.alloc(2_000_000, "0123456789-");
  const { ground, client, fd, handle } = await start((_request, response) => response.end(content), "anywhere");
  await client.call("storage", "file_write", fd, handle);
  await client.call("storage", "file_close", fd);
  expect(content.equals(await client.download("zImage"))).toBe(true);
  expect(ground.events).toContainEqual(
    expect.objectContaining({ type: "file-moved", bytes: 2_000_000, complete: true }),
  );
});

test("a server that breaks off leaves nothing of the file", async () => {
  const { ground, client, fd, handle } = await start((_request, response) => {
    response.writeHead(200, { "content-length": 1_000_000 });
    response.write(Buffer.alloc(65_536), () => response.destroy());
  }, "anywhere");
  const { code, details } = await failureOf(client.call("storage", "file_write", fd, handle));
  expect(code).toBe(2);
  expect(details).toMatch(/^GET http:\/\/127.0.0.1:\d+\/kernel: it broke off/);
  await expect.poll(() => ground.files()).toEqual([]);
});

test("without an option nothing is fetched from this machine, and with never from nowhere", async () => {
  let requests = 0;
  const answer: RequestListener = (_request, response) => {
    requests++;
    response.end();
  };
  const byDefault = await start(answer);
  const refused = await failureOf(byDefault.client.call("storage", "file_write", byDefault.fd, byDefault.handle));
  expect(refused.details).toContain("does not fetch from that address");
  const named = { ...byDefault.handle, url: byDefault.handle.url.replace("127.0.0.1", "localhost") };
  const fd = (await byDefault.client.call("storage", "open", "b", "wb")) as string;
  expect((await failureOf(byDefault.client.call("storage", "file_write", fd, named))).details).toContain(
    "does not fetch",
  );
  const never = await start(answer, "never");
  const failure = await failureOf(never.client.call("storage", "file_write", never.fd, never.handle));
  expect(failure.details).toContain("fetches no URLs");
  expect(requests).toBe(0);
  await expect.poll(() => byDefault.ground.files()).toEqual([]);
});

test("a download to a URL is refused, and so is a handle that is none", async () => {
  const { client, fd, handle } = await start((_request, response) => response.end("x"), "anywhere");
  for (const wrong of [{ method: "PUT" }, { url: 5 }, { url: "file:///etc/passwd" }, { headers: { a: 1 } }]) {
    const other = (await client.call("storage", "open", "other", "wb")) as string;
    expect((await failureOf(client.call("storage", "file_write", other, { ...handle, ...wrong }))).code).toBe(3);
  }
  await client.call("storage", "file_write", fd, handle);
  await client.call("storage", "file_close", fd);
  const read = (await client.call("storage", "open", "zImage", "rb")) as string;
  expect((await failureOf(client.call("storage", "file_read", read, handle))).code).toBe(3);
});
