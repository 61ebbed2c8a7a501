// Preloaded into the agent (NODE_OPTIONS): its server's thread dies when the agent says so. The product has no such
// door.
import { BroadcastChannel, isMainThread } from "node:worker_threads";

const deaths = {
  throw: () => {
    throw new Error("crashed on demand");
  },
  exit: () => process.exit(3),
  "out-of-memory": () => {
    const hoard = [];
    for (;;) hoard.push([...hoard.slice(-100), {}]);
  },
};

if (!isMainThread) {
  const channel = new BroadcastChannel("crash");
  channel.addEventListener("message", ({ data }) => setImmediate(() => deaths[data]?.()));
  channel.unref();
}
