import type { lookup } from "node:dns";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { getUrl, type Reach } from "../../../src/jumpstarter/fetch/get-url.ts";

const never = new AbortController().signal;
const anywhere: Reach = { allows: () => true };

/** Of this machine, only one address. */
const allows = (address: string): boolean => address === "127.0.0.2";

/** An HTTP server at that address; its URL. */
async function serve(answer: RequestListener, host = "127.0.0.1"): Promise<string> {
  const server = createServer(answer).listen(0, host);
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://${host}:${(server.address() as AddressInfo).port}`;
}

async function textOf(url: string, reach: Reach, headers: Record<string, string> = {}): Promise<string> {
  let text = "";
  for await (const chunk of await getUrl({ url, headers }, reach, never)) text += String(chunk);
  return text;
}

/** A resolver that gives one list of addresses after the other. */
function resolving(...answers: string[][]): typeof lookup {
  const resolve = (_name: string, _options: unknown, done: (error: null, found: object[]) => void): void =>
    done(
      null,
      (answers.shift() ?? []).map((address) => ({ address, family: 4 })),
    );
  return resolve as unknown as typeof lookup;
}

test("content is fetched with the client's headers, but not with those of the connection", async () => {
  let seen: IncomingHttpHeaders = {};
  const url = await serve((request, response) => {
    seen = request.headers;
    response.end("kernel");
  });
  const headers = { authorization: "secret", Host: "elsewhere", "Content-Length": "5", Connection: "upgrade" };
  expect(await textOf(`${url}/k`, anywhere, headers)).toBe("kernel");
  expect(seen.authorization).toBe("secret");
  expect(url).toContain(seen.host as string);
  expect(seen["content-length"]).toBeUndefined();
});

test("redirects are followed, and secret headers go to no other server", async () => {
  const seen: IncomingHttpHeaders[] = [];
  const target = await serve((request, response) => {
    seen.push(request.headers);
    response.end("kernel");
  });
  const url = await serve((request, response) => {
    seen.push(request.headers);
    const location = request.url === "/a" ? "/b%2Fc" : `${target}/k`;
    response.writeHead(302, { location }).end();
  });
  const headers = { authorization: "s", cookie: "s", "x-amz-security-token": "s", "x-other": "o" };
  expect(await textOf(`${url}/a`, anywhere, headers)).toBe("kernel");
  expect(seen.map((each) => each.authorization)).toEqual(["s", "s", undefined]);
  expect(seen[2]).toMatchObject({ "x-other": "o" });
  expect(Object.keys(seen[2] ?? {})).not.toContain("x-amz-security-token");
});

test("redirects without end are given up, and one to another scheme is refused", async () => {
  const url = await serve((request, response) => {
    const location = request.url === "/file" ? "file:///etc/passwd" : request.url;
    response.writeHead(307, { location }).end();
  });
  await expect(textOf(`${url}/loop`, anywhere)).rejects.toThrow("more than 10 redirects");
  await expect(textOf(`${url}/file`, anywhere)).rejects.toThrow("expected a URL of http or https");
});

test.each(["file:///etc/passwd", "ftp://host/a", "nonsense", "unix:/run/x"])("%s is refused", async (url) => {
  await expect(textOf(url, anywhere)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});

test("an address that is not allowed is refused, however it is written, and by a redirect, too", async () => {
  const reach: Reach = { allows: (address) => address !== "127.0.0.1" };
  let requests = 0;
  const inner = await serve((_request, response) => {
    requests++;
    response.end("secret");
  });
  const port = new URL(inner).port;
  const outer = await serve(
    (_request, response) => void response.writeHead(302, { location: inner }).end(),
    "127.0.0.2",
  );
  const words = "does not fetch from that address";
  for (const host of ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "017700000001"]) {
    await expect(textOf(`http://${host}:${port}/`, reach)).rejects.toThrow(words);
  }
  await expect(textOf(`${outer}/`, reach)).rejects.toThrow(words);
  expect(requests).toBe(0);
});

test("a name is judged by the address that is connected to, each time that it is resolved", async () => {
  const port = new URL(await serve((_request, response) => response.end("inner"))).port;
  const refused = { allows, resolve: resolving(["127.0.0.1"]) };
  await expect(textOf(`http://rebound.test:${port}/`, refused)).rejects.toThrow("does not fetch from that address");
  // The first answer is judged and used; the second one, for the redirect, is judged again.
  const outer = await serve(
    (_request, response) => void response.writeHead(302, { location: "/again" }).end(),
    "127.0.0.2",
  );
  const rebound = { allows, resolve: resolving(["127.0.0.2"], ["127.0.0.1"]) };
  await expect(textOf(`http://rebound.test:${new URL(outer).port}/`, rebound)).rejects.toThrow("does not fetch");
});

test("a failure is told with the URL, but without its query and its user", async () => {
  const url = await serve((_request, response) => void response.writeHead(403).end());
  const secret = url.replace("http://", "http://user:secret@");
  await expect(textOf(`${secret}/k?token=secret`, anywhere)).rejects.toThrow(
    `GET ${url}/k: the server's answer is 403`,
  );
});

test("headers that cannot be sent are an invalid argument", async () => {
  const url = await serve((_request, response) => response.end());
  await expect(textOf(url, anywhere, { "x-a": "b\r\nc: d" })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});
