// Preloaded (NODE_OPTIONS): the server's thread dies when anybody says so. The product itself has no such door.
import { BroadcastChannel, isMainThread } from "node:worker_threads";

if (!isMainThread) {
  const channel = new BroadcastChannel("crash");
  channel.addEventListener("message", () => setImmediate(crash));
  channel.unref();
}

function crash() {
  throw new Error("crashed on demand");
}
