import { createSocket } from "node:dgram";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { entryOf } from "../../src/shared/source-entry.ts";
import { TestServer } from "../helpers/raw-server.ts";

// Threads begin with a copy of the environment.
process.env["TFTP_FOREIGN_ENTRY"] = entryOf("worker").href;
const workerUrl = new URL("../helpers/foreign-worker.mjs", import.meta.url);

test("start() resolves after every warning of it was delivered, and `listening` finds a running server", async () => {
  const { server, order } = observed();
  await server.start();
  order.push("started");
  await server.tftp.snapshot();
  expect(order).toEqual([fallsBack, "running", "started", "listening while running"]);
});

test("start() rejects after every warning of it was delivered", async () => {
  const taken = createSocket("udp4");
  onTestFinished(() => void taken.close());
  taken.bind(0, "127.0.0.1");
  await once(taken, "listening");
  const { server, order } = observed(taken.address().port);
  await server.start().catch(({ code }: { code: string }) => order.push(code));
  expect(order).toEqual([fallsBack, "stopped", "ADDRESS_IN_USE"]);
});

const fallsBack = expect.stringMatching(/it is for Linux on x64 and arm64.*datagrams go through dgram$/) as string;

/** A driver whose start warns, and what it says until it has started. */
function observed(port = 0): { server: TestServer; order: string[] } {
  const server = new TestServer({ port, workerUrl, transport: "auto" });
  onTestFinished(() => server.close());
  const order: string[] = [];
  const { tftp } = server;
  tftp.on("warning", ({ message }) => order.push(message));
  tftp.on("listening", () => order.push(`listening while ${tftp.state}`));
  tftp.on("state", ({ state }) => {
    if (!["starting", "stopping"].includes(state) && !order.includes("started")) order.push(state);
  });
  return { server, order };
}
