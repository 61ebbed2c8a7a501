// Start, a transfer aborted midway, stop, on one fixed port, over and over: nothing may fail, and nothing may be left.
// usage: node --expose-gc cycles.mjs [COUNT [dgram | native]]
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Tftp } from "../../dist/index.js";

const COUNT = Number(process.argv[2] ?? 500);
const TRANSPORT = process.argv[3] ?? "dgram";
const MIB = 1_048_576;
/** Memory is flat if the median of the last fifth is no more than this over that of the second fifth, in MiB. */
const TOLERANCE = 8;
/** What may be left mapped, however many cycles there were: what the last thread left, and what V8 and malloc have grown. */
const MAPS = 40;
/** What koffi keeps of every thread that imported it, whatever is done with it, in MiB. */
const KEPT_BY_KOFFI = TRANSPORT === "native" ? 0.05 : 0;

const directory = mkdtempSync(join(tmpdir(), "tftp-cycles-"));
process.once("exit", () => rmSync(directory, { recursive: true }));
writeFileSync(join(directory, "image.bin"), Buffer.alloc(10 * MIB, 7));
const client = createSocket("udp4").bind(0, "127.0.0.1");
await once(client, "listening");
const port = await freePort();
// What is left behind is measured, not the time that it takes.
const tftp = new Tftp({
  host: "127.0.0.1",
  port,
  rootDir: directory,
  stopGraceMs: 0,
  startTimeoutMs: 300_000,
  transport: TRANSPORT,
});

async function cycle() {
  await tftp.start();
  client.send("\0\u0001image.bin\0octet\0blksize\u00001468\0windowsize\u000016\0", port, "127.0.0.1");
  const [, from] = await once(client, "message");
  client.send("\0\u0004\0\0", from.port, "127.0.0.1");
  await once(client, "message");
  const ended = nextEnd();
  // What is still on its way to a client that has gone must not be taken for the next one's.
  const drained = new Promise((resolve) => {
    client.on("message", function listen(bytes) {
      if (bytes[1] !== 5) return;
      client.off("message", listen);
      resolve();
    });
  });
  await tftp.stop();
  await drained;
  if ((await ended) !== "server-stopped") throw new Error("the transfer was not aborted");
}

function nextEnd() {
  return new Promise((resolve) => {
    const unsubscribe = tftp.on("transfer-ended", ({ outcome }) => {
      unsubscribe();
      resolve(outcome);
    });
  });
}

/** What a process holds that does not show in its JavaScript heap. */
function held() {
  const maps = readFileSync("/proc/self/maps", "latin1").split("\n").length - 1;
  return { maps, descriptors: readdirSync("/proc/self/fd").length, threads: readdirSync("/proc/self/task").length };
}
const resident = [];
for (let count = 0; count < 3; count++) await cycle();
const before = held();
const begin = performance.now();
for (let count = 0; count < COUNT; count++) {
  await cycle();
  globalThis.gc?.();
  resident.push(process.memoryUsage.rss() / MIB);
}
const seconds = (performance.now() - begin) / 1_000;
const fifth = Math.floor(COUNT / 5);
const early = median(resident.slice(fifth, 2 * fifth));
const late = median(resident.slice(-fifth));
const after = held();
const left = Object.entries(after).map(([name, count]) => [name, count - before[name]]);
const kib = ((late - early) * 1_024) / (3 * fifth);
console.log(
  `${COUNT} cycles (${TRANSPORT}) in ${seconds.toFixed(1)} s: left in all ${left.map(([name, count]) => `${count} ${name}`).join(", ")}; ` +
    `resident ${early.toFixed(1)} MiB in the second fifth, ${late.toFixed(1)} MiB in the last, ${kib.toFixed(1)} KiB per cycle`,
);
client.close();
const { maps, descriptors, threads } = Object.fromEntries(left);
const isKept = maps > MAPS || descriptors > 0 || threads > 0;
process.exitCode = isKept || late - early > TOLERANCE + 3 * fifth * KEPT_BY_KOFFI ? 1 : 0;

/** A free port below those that the system gives to others on demand: in between two cycles nobody takes it. */
async function freePort() {
  for (;;) {
    const candidate = 10_000 + Math.floor(Math.random() * 20_000);
    const scout = createSocket("udp4").bind(candidate, "127.0.0.1");
    const isFree = await once(scout, "listening").then(
      () => true,
      () => false,
    );
    scout.close();
    if (isFree) return candidate;
  }
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
