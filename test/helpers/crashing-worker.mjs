// The real server's thread, with a way to kill it from a test: the product itself has none.
import { BroadcastChannel } from "node:worker_threads";

const deaths = {
  throw: () => {
    throw new Error("crashed on demand");
  },
  reject: () => void Promise.reject(new Error("crashed on demand")),
  hang: () => {
    for (;;);
  },
  exit: () => process.exit(3),
  "out-of-memory": () => {
    const hoard = [];
    for (;;) hoard.push([...hoard.slice(-100), {}]);
  },
};

const channel = new BroadcastChannel("crash");
const dying = new BroadcastChannel("dying");
channel.addEventListener("message", ({ data }) => {
  setImmediate(() => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    dying.postMessage(data);
    deaths[data]();
  });
});
channel.unref();
dying.unref();

// crashing-entry.ts says which: the compiled one, or the one that tsx compiles.
await import(process.env["TFTP_CRASHING_ENTRY"]);
