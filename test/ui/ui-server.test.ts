import { once } from "node:events";
import { readdirSync } from "node:fs";
import { type IncomingMessage, request, type RequestOptions } from "node:http";
import { connect, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { Activity } from "../../src/status/activity/activity.ts";
import { openUiServer } from "../../src/ui/ui-server.ts";
import { endEvent, progressEvent, refusedEvent, requestEvent } from "../helpers/events.ts";
import { SseReader } from "../helpers/sse.ts";

test("the dashboard binds 127.0.0.1, and returns its URL", async () => {
  const { url } = await open();
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
});

test("the dashboard on a port in use is one clear error", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  onTestFinished(() => void taken.close());
  const { port } = taken.address() as { port: number };
  const message = `--open-ui: TCP port ${port} of 127.0.0.1 is in use by another socket`;
  await expect(openUiServer(new Activity(), port)).rejects.toThrow(message);
});

test("every file of the page is served, with its type; nothing else is", async () => {
  const { url } = await open();
  const directory = new URL("../../src/ui/page/", import.meta.url);
  const types: Record<string, string> = { html: "text/html", css: "text/css", js: "text/javascript", svg: "image/svg" };
  for (const name of readdirSync(directory)) {
    const { status, headers } = await ask(url + (name === "index.html" ? "" : name));
    expect([name, status]).toEqual([name, 200]);
    expect(headers["content-type"]).toContain(types[name.split(".")[1] as string]);
  }
  expect((await ask(`${url}?x=1`)).status).toBe(200);
  for (const path of ["index.html", "../ui-server.ts", "%2e%2e/ui-server.ts", "events/", "favicon.ico"]) {
    expect([path, (await ask(url, { path: `/${path}` })).status]).toEqual([path, 404]);
  }
});

test("of 80 connections the dashboard takes 64", async () => {
  const { url } = await open();
  const sockets = Array.from({ length: 80 }, () =>
    connect(Number(new URL(url).port), "127.0.0.1")
      .on("error", () => {})
      .resume(),
  );
  onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
  await expect.poll(() => sockets.filter(({ closed }) => closed).length).toBe(16);
});

test("the page may load and connect to its own origin only, and no other site may frame or read it", async () => {
  const { url } = await open();
  for (const path of ["", "app.js", "nothing"]) {
    const { headers } = await ask(url + path);
    expect(headers["content-security-policy"]).toMatch(/^default-src 'none'; .*frame-ancestors 'none'/);
    expect(headers["content-security-policy"]).not.toMatch(/unsafe|\*/);
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-origin",
    });
    expect(headers).not.toHaveProperty("access-control-allow-origin");
  }
});

test.each(["evil.example", "evil.example:80", "127.0.0.1.evil.example", "192.168.1.1", "localhost.evil.example:1"])(
  "the host %j is turned away: a stranger's name may have been made to lead here",
  async (host) => {
    const { url } = await open();
    for (const path of ["", "events"]) expect((await ask(url + path, { headers: { host } })).status).toBe(421);
  },
);

test.each(["localhost", "LOCALHOST:8080", "127.0.0.1:1", "[::1]:8080"])(
  "a request with the host %s is answered",
  async (host) => {
    const { url } = await open();
    expect((await ask(url, { headers: { host } })).status).toBe(200);
  },
);

test.each(["POST", "PUT", "DELETE", "HEAD", "OPTIONS"])(
  "the dashboard answers the method %s with 405",
  async (method) => {
    const { url } = await open();
    const { status, headers } = await ask(`${url}events`, { method });
    expect([status, headers["allow"]]).toEqual([405, "GET"]);
  },
);

test("a new page gets everything, then what changes", async () => {
  const activity = new Activity();
  const { url } = await open(activity);
  activity.apply(endEvent(1));
  const reader = await SseReader.open(`${url}events`);
  await expect
    .poll(() => reader.events[0])
    .toMatchObject({
      event: "whole",
      data: { running: [], results: [{ key: 1, what: "complete" }], served: "10 MiB" },
    });
  const at = Date.now();
  activity.apply(requestEvent(2, { at }));
  activity.apply(progressEvent(2, 5_242_880, { at }));
  activity.apply(refusedEvent({ reason: "outside-root" }));
  await expect
    .poll(() => reader.events[1])
    .toMatchObject({
      event: "change",
      data: {
        running: [
          { id: 2, file: "board2/zImage", client: "192.168.1.17:2070", share: 0.5, amount: "5.0 MiB of 10 MiB" },
        ],
        results: [{ key: 2, what: "refused", detail: "the name leads out of the served directory" }],
      },
    });
  await expect.poll(() => reader.events[2]?.data["results"]).toEqual([]);
});

test("a page gets 100 running transfers, and the number of all", async () => {
  const activity = new Activity();
  const { url } = await open(activity);
  for (let id = 1; id <= 1_024; id++) activity.apply(requestEvent(id));
  const reader = await SseReader.open(`${url}events`);
  await expect.poll(() => reader.events[0]?.data["runningCount"]).toBe(1_024);
  expect(reader.events[0]?.data["running"]).toHaveLength(100);
});

test("the 17th page at once gets 503; one that leaves makes room", async () => {
  const { url } = await open();
  const readers = [];
  for (let count = 0; count < 16; count++) readers.push(await SseReader.open(`${url}events`));
  const { status, headers } = await ask(`${url}events`);
  expect([status, headers["retry-after"]]).toEqual([503, "10"]);
  readers[0]?.close();
  await expect.poll(() => SseReader.open(`${url}events`).then(() => "open", String)).toBe("open");
});

test("when the dashboard closes, pages get the last update, and their streams end", async () => {
  const activity = new Activity();
  const ui = await openUiServer(activity, 0);
  const reader = await SseReader.open(`${ui.url}events`);
  await expect.poll(() => reader.events.length).toBe(1);
  activity.apply({ type: "stopped", at: Date.now() });
  await ui.close();
  await expect.poll(() => reader.ended).toBe(true);
  expect(reader.events.at(-1)?.data["status"]).toEqual({ text: "stopped", tone: "quiet" });
});

async function open(activity: Activity = new Activity()): Promise<{ url: string }> {
  const ui = await openUiServer(activity, 0);
  onTestFinished(() => ui.close());
  return ui;
}

async function ask(
  url: string,
  options: RequestOptions = {},
): Promise<{ status: number | undefined; headers: IncomingMessage["headers"] }> {
  const { hostname, port, pathname, search } = new URL(url);
  const asked = request({ hostname, port, path: `${pathname}${search}`, ...options }).end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  response.destroy();
  return { status: response.statusCode, headers: response.headers };
}
