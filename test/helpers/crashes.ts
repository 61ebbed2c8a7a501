import { BroadcastChannel } from "node:worker_threads";

/** What the threads of crashing-worker.mjs can die of. */
export type Death = "throw" | "reject" | "exit" | "hang" | "out-of-memory";

/** Kills every server's thread of this process. They were started from `crashingWorker`. */
export function crashWorkers(death: Death): void {
  const channel = new BroadcastChannel("crash");
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
  channel.postMessage(death);
  channel.close();
}

/**
 * Resolves when one of those threads has begun to die: from then on it answers nothing. To be called before it is
 * killed.
 */
export function workerDying(): Promise<void> {
  const channel = new BroadcastChannel("dying");
  return new Promise((resolve) => {
    channel.addEventListener("message", () => {
      channel.close();
      resolve();
    });
  });
}
