import type { MessagePort } from "node:worker_threads";
import { Heartbeat } from "../../contract/thread/heartbeat.ts";
import type { WorkerData } from "../../contract/thread/server-api.ts";

/** Answers main's question whether this thread's event loop comes round. It does not hold the thread. */
export function answerHeartbeat({ shared, wakeup }: WorkerData["heartbeat"]): void {
  const heartbeat = new Heartbeat(shared);
  const port = wakeup as MessagePort;
  port.on("message", () => heartbeat.answer());
  port.unref();
}
