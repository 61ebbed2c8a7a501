import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { expect, onTestFinished, test } from "vitest";
import type { TransferDiagnostics } from "../../src/index.ts";
import { crashingWorker } from "../helpers/crashing-entry.ts";
import { crashWorkers } from "../helpers/crashes.ts";
import { noise } from "../helpers/raw-content.ts";
import { download } from "../helpers/raw-download.ts";
import { startServer } from "../helpers/raw-server.ts";

test("every transfer that is published as started ends once: by its own end, or by the crash of the thread", async () => {
  const server = await startServer({ workerUrl: crashingWorker }, { "a.bin": noise(3_000) });
  const [started, ended] = [transfersOf("tftp:transfer:start"), transfersOf("tftp:transfer:end")];
  await download(await server.client(), "a.bin");
  await (await server.client()).request("a.bin");
  await expect.poll(() => started).toHaveLength(2);
  const restarted = server.tftp.once("restarted");
  crashWorkers("throw");
  await restarted;
  expect(ended).toEqual(started);
  expect(ended.map(({ driver, ended: event, error }) => [driver, event?.outcome, error?.code])).toEqual([
    [server.tftp, "complete", undefined],
    [server.tftp, undefined, "WORKER_CRASHED"],
  ]);
});

/** What is published on a channel during this test. */
function transfersOf(name: string): TransferDiagnostics[] {
  const messages: TransferDiagnostics[] = [];
  const onMessage = (message: unknown): void => void messages.push(message as TransferDiagnostics);
  subscribe(name, onMessage);
  onTestFinished(() => void unsubscribe(name, onMessage));
  return messages;
}
