// What running transfers get while requests flood the well-known port, from ports of their own and from that port alone:
// `npm run bench:ports`. Eight clients fetch a file in windows of 8; the flood is of requests for missing files, or with
// --real for that file, whose first packets nobody answers. By turns, without and with the flood; prints medians.
// usage: npm run bench:ports -- [--seconds N] [--rate PER_SECOND] [--rounds N] [--transport native|dgram]... [--real]
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import type * as library from "../../src/index.ts";
import { compile, runLoad } from "../load.ts";
import { fileName, type Work } from "../work.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "3" },
    rate: { type: "string", default: "10000" },
    rounds: { type: "string", default: "3" },
    transport: { type: "string", multiple: true, default: ["native", "dgram"] },
    real: { type: "boolean", default: false },
  },
});

const built = new URL("../../dist/index.js", import.meta.url).href;
const { Tftp } = (await import(built)) as typeof library;

const work: Work = {
  id: "flood",
  fileKiB: 65_536,
  blockSize: 1_468,
  windowSize: 8,
  clients: 8,
  transfers: 8,
  seconds: Number(values.seconds) + 1,
};
const TICK_MS = 5;
const FLOODERS = 16;
const directory = mkdtempSync(join(tmpdir(), "tftp-ports-"));
process.once("exit", () => rmSync(directory, { recursive: true }));
writeFileSync(join(directory, fileName(work)), Buffer.alloc(work.fileKiB * 1_024, "tftp"));
const load = compile(["load/main.c", "load/transfer.c"], join(directory, ".load"));
const flooders = await Promise.all(Array.from({ length: FLOODERS }, (_, index) => open(`127.0.1.${index + 1}`)));

for (const transport of values.transport as ("native" | "dgram")[]) {
  const speeds = new Map<string, number[]>();
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const ports of ["own", "single"] as const) {
      for (const rate of [0, Number(values.rate)]) {
        const key = `${ports}, ${rate === 0 ? "no flood" : "flood"}`;
        speeds.set(key, [...(speeds.get(key) ?? []), await measure(transport, ports, rate)]);
      }
    }
  }
  for (const [key, all] of speeds) {
    const [median = 0] = all.toSorted((one, other) => one - other).slice(Math.floor(all.length / 2));
    console.log(`${transport}, ${key}: ${median.toFixed(1)} MB/s (${all.map((speed) => speed.toFixed(1)).join(", ")})`);
  }
}
for (const socket of flooders) socket.close();

/** What the clients have acknowledged, in MB/s; the flood begins when the transfers run. */
async function measure(transport: "native" | "dgram", ports: "own" | "single", rate: number): Promise<number> {
  const options = {
    rootDir: directory,
    host: "127.0.0.1",
    port: 0,
    maxTransfersPerClient: 64,
    journal: false,
  } as const;
  await using tftp = new Tftp({ ...options, transport, ports });
  await tftp.start();
  const port = await tftp.getPort();
  const fetched = runLoad(load, work, directory, { host: "127.0.0.1", port }, [0, 1]);
  await setTimeout(500);
  const before = await acknowledged(tftp);
  const begin = performance.now();
  let count = 0;
  for (let now = begin; now - begin < Number(values.seconds) * 1_000; now = performance.now()) {
    for (const due = ((now - begin) * rate) / 1_000; count < due; count++) ask(count, port);
    await setTimeout(TICK_MS);
  }
  const bytes = (await acknowledged(tftp)) - before;
  const seconds = (performance.now() - begin) / 1_000;
  await tftp.stop({ graceMs: 0 });
  await fetched;
  return bytes / seconds / 1e6;
}

async function acknowledged(tftp: library.Tftp): Promise<number> {
  const { counters, transfers } = await tftp.snapshot();
  return transfers.reduce((sum, { bytes }) => sum + bytes, counters.bytesAcknowledged);
}

function ask(count: number, port: number): void {
  const name = values.real ? fileName(work) : `missing/${count % 1_000}`;
  flooders[count % FLOODERS]?.send(Buffer.from(`\0\u0001${name}\0octet\0`, "latin1"), port, "127.0.0.1", () => {});
}

async function open(address: string): Promise<Socket> {
  const socket = createSocket({ type: "udp4", recvBufferSize: 4_096 });
  // Answers are read and forgotten.
  socket.on("message", () => {}).on("error", () => {});
  socket.bind(0, address);
  await once(socket, "listening");
  return socket;
}
