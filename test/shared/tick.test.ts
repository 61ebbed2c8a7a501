import { expect, onTestFinished, test } from "vitest";
import { tick } from "../../src/shared/tick.ts";
import * as files from "../../src/worker/content/fs.ts";
import { DeadlineTimer } from "../../src/worker/transfers/deadline-timer.ts";
import { DgramTransport } from "../../src/worker/transport/dgram/dgram.ts";
import { RawClient } from "../helpers/raw-client.ts";

const root = Buffer.from("/");
const here = Buffer.from(import.meta.filename);

test.each<[string, (fd: number) => Promise<unknown>]>([
  ["openFile", async () => files.openFile(here, true).then(noteStack(files.closeFile))],
  ["statOpen", (fd) => files.statOpen(fd).then(noteStack())],
  ["statPath", () => files.statPath(root).then(noteStack())],
  ["realPath", () => files.realPath(root).then(noteStack())],
  ["readSome", (fd) => files.readSome(fd, Buffer.alloc(10), 0, 0).then(noteStack())],
  ["a file that is not there", () => files.statPath(Buffer.from("/no such file")).catch(noteStack())],
])("what goes on after %s is run by the tick queue", async (_what, call) => {
  const fd = await files.openFile(here, true);
  stack = "";
  await call(fd);
  await files.closeFile(fd);
  expect(stack).toContain("processTicksAndRejections");
});

test("what a deadline leaves behind is run by the tick queue", async () => {
  const timer = new DeadlineTimer();
  stack = "";
  await new Promise<void>((resolve) => {
    const onDeadline = (): void => {
      timer.delete(entry);
      void Promise.resolve()
        .then(noteStack())
        .then(() => resolve());
    };
    const entry = timer.add({ deadline: performance.now() + 5, onDeadline });
  });
  expect(stack).toContain("processTicksAndRejections");
});

test("what a request leaves behind is run by the tick queue", async () => {
  const transport = new DgramTransport();
  stack = "";
  let arrive: (() => void) | undefined;
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const onRequest = (): void =>
    void Promise.resolve()
      .then(noteStack())
      .then(() => arrive?.());
  const receiver = { onRequest, onNotUnicast: () => {}, onReplyLost: () => {}, onError: () => {} };
  const listener = await transport.listen({ address: "127.0.0.1", port: 0 }, receiver);
  onTestFinished(() => listener.close());
  const client = await RawClient.open(listener.bound);
  await client.send(Buffer.from("\0\u0001a\0octet\0"));
  await arrived;
  expect(stack).toContain("processTicksAndRejections");
});

test("what goes on after tick() is run by the tick queue, whatever ran the caller", async () => {
  await new Promise((resolve) => setTimeout(resolve, 1));
  stack = "";
  await tick().then(noteStack());
  expect(stack).toContain("processTicksAndRejections");
});

let stack = "";

/** Microtasks that Node's C++ runs have nothing below them. */
function noteStack<Value, Result>(then?: (value: Value) => Result): (value: Value) => Result | undefined {
  return (value) => {
    stack = new Error("where it runs").stack ?? "";
    return then?.(value);
  };
}
