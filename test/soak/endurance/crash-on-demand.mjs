// Preloaded into the agent (NODE_OPTIONS): its server's thread dies when the agent says so, the disk fails for one file,
// and the system's clock jumps, for all threads. The product has no such doors.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { BroadcastChannel, isMainThread } from "node:worker_threads";

/** Reading it fails in the middle, as on a disk with a bad sector. */
const BAD_FILE = "/bad-sector.bin";
const BAD_POSITION = 200_000;

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

const read = fs.read;
fs.read = (fd, target, offset, length, position, done) => {
  if (position + length > BAD_POSITION && fs.readlinkSync(`/proc/self/fd/${fd}`).endsWith(BAD_FILE)) {
    const error = Object.assign(new Error("EIO: i/o error, read"), { code: "EIO", syscall: "read" });
    return setImmediate(() => done(error));
  }
  return read(fd, target, offset, length, position, done);
};
syncBuiltinESMExports();

/** How far the system's clock was set forth or back, in ms. */
let offset = 0;
const now = Date.now;
Date.now = () => now() + offset;
const clock = new BroadcastChannel("clock");
clock.addEventListener("message", ({ data }) => (offset += data));
clock.unref();

if (!isMainThread) {
  const channel = new BroadcastChannel("crash");
  channel.addEventListener("message", ({ data }) => setImmediate(() => deaths[data]?.()));
  channel.unref();
}
