import { once } from "node:events";
import { Agent, request, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createGuardedServer, HEADERS_TIMEOUT_MS, type HttpGuard } from "../../../src/shared/network/guarded-http.ts";

const patience = { timeout: 20_000 };

test("600 idle connections hold as many descriptors as the limit allows, and are gone when they send no request", async () => {
  const { port, connections } = await open({ maxConnections: 8 });
  const idle = Array.from({ length: 600 }, () => idleConnection(port));
  await expect.poll(() => idle.filter(({ closed }) => closed).length, patience).toBe(592);
  expect(await connections()).toBe(8);
  await expect.poll(connections, { timeout: HEADERS_TIMEOUT_MS + 20_000 }).toBe(0);
  expect(await status(port)).toBe(200);
}, 60_000);

test("a client that sends its headers drop by drop is answered 408 and disconnected when their time is over, not when that of the request is", async () => {
  const { port, connections } = await open({ headersTimeoutMs: 200 });
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  onTestFinished(() => void socket.destroy());
  let answer = "";
  socket.setEncoding("latin1").on("data", (text: string) => (answer += text));
  const begun = performance.now();
  socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n");
  const drops = setInterval(() => socket.write("x: y\r\n"), 20);
  onTestFinished(() => clearInterval(drops));
  await expect.poll(() => socket.closed, patience).toBe(true);
  // Without a limit of its own for headers, Node closes it after that of the request (10 s).
  expect(performance.now() - begun).toBeLessThan(8_000);
  expect(answer).toMatch(/^HTTP\/1.1 408 /);
  expect(await connections()).toBe(0);
});

test("by default headers have 5 s", () => {
  const server = createGuardedServer({ host: "127.0.0.1", methods: ["GET"], maxConnections: 1 }, () => {});
  expect(server.headersTimeout).toBe(5_000);
});

test("on a loopback address a Host that is not this machine gets 421", async () => {
  const { port } = await open({});
  expect(await status(port, { host: "evil.example" })).toBe(421);
  expect(await status(port, { host: `localhost:${port}` })).toBe(200);
});

test("the loopback address that is bound is a Host of this machine, and another one is not", async () => {
  const { port } = await open({ host: "127.0.0.2" });
  expect(await status(port, { host: `127.0.0.2:${port}` })).toBe(200);
  expect(await status(port, { host: "127.0.0.3" })).toBe(421);
});

test("on another address any Host is answered: its clients have other names for it", async () => {
  const { port } = await open({ host: "0.0.0.0" });
  expect(await status(port, { host: "tftp.lab.example" })).toBe(200);
});

test("headers of more than 8 KiB get 431", async () => {
  const { port } = await open({});
  expect(await status(port, { "x-long": "x".repeat(9_000) })).toBe(431);
});

test("a client that sends a second request before it has the first's answer is disconnected", async () => {
  const answers: ServerResponse[] = [];
  const { port, connections } = await open({}, (response) => void answers.push(response));
  const socket = idleConnection(port);
  const ahead = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(900);
  socket.write(ahead);
  await expect.poll(() => socket.closed, patience).toBe(true);
  expect(answers).toHaveLength(1);
  expect(await connections()).toBe(0);
});

test("a client that waits for each answer may send many requests on one connection", async () => {
  const { port } = await open({});
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const sockets = new Set<Socket | null>();
  for (let round = 0; round < 20; round++) {
    const asked = request({ host: "127.0.0.1", port, agent }).end();
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    sockets.add(asked.socket);
    await once(response.resume(), "end");
    expect(response.statusCode).toBe(200);
  }
  expect(sockets.size).toBe(1);
});

async function open(
  guard: Partial<HttpGuard>,
  onRequest: (response: ServerResponse) => void = (response) => void response.end(),
): Promise<{ port: number; connections: () => Promise<number> }> {
  const server = createGuardedServer(
    { host: "127.0.0.1", methods: ["GET"], maxConnections: 64, ...guard },
    (_request, response) => onRequest(response),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const connections = (): Promise<number> =>
    new Promise((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count))));
  return { port: (server.address() as AddressInfo).port, connections };
}

function idleConnection(port: number): Socket {
  const socket = connect(port, "127.0.0.1")
    .on("error", () => {})
    .resume();
  onTestFinished(() => void socket.destroy());
  return socket;
}

async function status(port: number, headers: Record<string, string> = {}): Promise<number | undefined> {
  const asked = request({ host: "127.0.0.1", port, headers, agent: false }).end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  response.destroy();
  return response.statusCode;
}
