import { parentPort } from "node:worker_threads";

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort.postMessage("started");
