import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { expect, onTestFinished, test } from "vitest";
import { toErrorInfo, TftpError } from "../../../src/contract/errors.ts";
import { Diagnostics, type TransferDiagnostics } from "../../../src/main/events/diagnostics.ts";
import { Driver } from "../../../src/main/driver.ts";
import { endEvent, now, refusedEvent, requestEvent } from "../../helpers/events.ts";

class FakeDriver extends Driver {
  override readonly name = "fake";
  override readonly exportedMethods = [];
  running: number[] = [];

  async snapshot(): Promise<{ transfers: { id: number }[] }> {
    return { transfers: this.running.map((id) => ({ id })) };
  }
}

test("a request and a refusal are published on tftp:request, with the driver", () => {
  const driver = new FakeDriver();
  const seen = messagesOf("tftp:request");
  const diagnostics = new Diagnostics(driver);
  const [request, refused] = [requestEvent(1), refusedEvent()];
  for (const event of [request, endEvent(1), refused]) diagnostics.publish(event);
  expect(seen).toEqual([
    { driver, event: request },
    { driver, event: refused },
  ]);
});

test("a transfer's start and end are published as one object, so that a tracer can find its span again", () => {
  const driver = new FakeDriver();
  const [starts, ends] = [messagesOf("tftp:transfer:start"), messagesOf("tftp:transfer:end")];
  const diagnostics = new Diagnostics(driver);
  diagnostics.publish(requestEvent(7));
  expect(starts).toEqual([{ driver, request: requestEvent(7) }]);
  expect(ends).toEqual([]);
  diagnostics.publish(endEvent(7));
  expect(ends).toEqual([{ driver, request: requestEvent(7), ended: endEvent(7) }]);
  expect(ends[0]).toBe(starts[0]);
});

test("a crash ends every transfer that has started, with the cause", () => {
  const ends = messagesOf<TransferDiagnostics>("tftp:transfer:end");
  const diagnostics = new Diagnostics(new FakeDriver());
  for (const id of [1, 2]) diagnostics.publish(requestEvent(id));
  const cause = toErrorInfo(new TftpError("WORKER_CRASHED", "gone"));
  for (let times = 0; times < 2; times++) diagnostics.publish({ type: "worker-crashed", at: now, cause });
  expect(ends.map(({ request, error }) => [request.id, error?.code])).toEqual([
    [1, "WORKER_CRASHED"],
    [2, "WORKER_CRASHED"],
  ]);
});

test("a transfer whose end was lost ends without an event, and one that still runs does not", async () => {
  const driver = new FakeDriver();
  const ends = messagesOf<TransferDiagnostics>("tftp:transfer:end");
  const diagnostics = new Diagnostics(driver);
  for (const id of [1, 2]) diagnostics.publish(requestEvent(id));
  driver.running = [2];
  diagnostics.publish({ type: "lost", at: now, count: 5 });
  // It began after the loss: the snapshot may be older.
  diagnostics.publish(requestEvent(3));
  await expect.poll(() => ends).toHaveLength(1);
  expect(ends).toEqual([{ driver, request: requestEvent(1) }]);
  diagnostics.publish({ type: "stopped", at: now });
  expect(ends.map(({ request }) => request.id)).toEqual([1, 2, 3]);
});

test("a transfer that began before anything subscribed is not published at its end", () => {
  const diagnostics = new Diagnostics(new FakeDriver());
  diagnostics.publish(requestEvent(1));
  const ends = messagesOf("tftp:transfer:end");
  diagnostics.publish(endEvent(1));
  expect(ends).toEqual([]);
});

/** What is published on a channel during this test. */
function messagesOf<Message>(name: string): Message[] {
  const messages: Message[] = [];
  const onMessage = (message: unknown): void => void messages.push(message as Message);
  subscribe(name, onMessage);
  onTestFinished(() => void unsubscribe(name, onMessage));
  return messages;
}
