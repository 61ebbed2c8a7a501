import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { spawnWorker } from "../../../../src/main/server/thread/spawn-worker.ts";

/** Sends three datagrams, and tells how many of them Node has left in its queue. */
const sending = new URL(
  `data:text/javascript,${encodeURIComponent(`
  import { createSocket } from "node:dgram";
  import { once } from "node:events";
  import { parentPort } from "node:worker_threads";
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  socket.connect(socket.address().port);
  await once(socket, "connect");
  for (const text of ["one", "two", "three"]) socket.send(text);
  parentPort.postMessage({ queued: socket.getSendQueueCount(), argv: process.execArgv });
  socket.close();
`)}`,
);

test("datagrams that are sent in one go are queued, to leave together", async () => {
  const { queued } = await report();
  expect(queued).toBe(3);
});

test("a Node that does not know a flag starts the thread without any", async () => {
  const { queued, argv } = await report(["--no-such-flag-of-node"]);
  expect(argv).toEqual([]);
  expect(queued).toBe(0);
});

test("an error that keeps a thread from starting at all is thrown", () => {
  expect(() => spawnWorker(sending, { workerData: () => {} })).toThrow(/clone/);
});

interface Report {
  readonly queued: number;
  readonly argv: readonly string[];
}

async function report(...flags: [flags?: readonly string[]]): Promise<Report> {
  const worker = spawnWorker(sending, {}, ...flags);
  onTestFinished(async () => void (await worker.terminate()));
  const [message] = (await once(worker, "message")) as [Report];
  return message;
}
