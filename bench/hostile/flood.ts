// What a flood leaves in a process whose main thread is blocked all the while: `npm run bench:flood`. It fails if the
// memory grows by 20 MiB or more, or if the events afterwards do not sum up to what the server has counted.
// usage: npm run bench:flood -- [--seconds N] [--rate PER_SECOND] [--transport auto|native|dgram]
import { fork } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "600" },
    rate: { type: "string", default: "20000" },
    transport: { type: "string", default: "auto" },
  },
});

interface Report {
  /** Resident, in MiB. */
  readonly memory: { readonly before: number; readonly most: number };
  readonly seen: Readonly<Record<"refused" | "dropped" | "lost" | "events", number>>;
  readonly counters: Readonly<Record<"requests" | "refused" | "dropped", number>>;
}

const LIMIT_MIB = 20;
/** As in flood-agent.mjs. */
const WARM_UP_SECONDS = 15;
const TICK_MS = 5;
/** Addresses of loopback that ask: sums are kept for each client. */
const CLIENTS = 16;
const directory = mkdtempSync(join(tmpdir(), "tftp-flood-"));
const agent = fork(
  fileURLToPath(new URL("flood-agent.mjs", import.meta.url)),
  [directory, values.transport, values.seconds],
  {
    execArgv: ["--expose-gc"],
  },
);
const [{ port }] = (await once(agent, "message")) as [{ port: number }];
const reported = once(agent, "message") as Promise<[Report]>;
agent.send("begin");
const sent = await flood((Number(values.seconds) + WARM_UP_SECONDS) * 1_000, Number(values.rate));
const [{ memory, seen, counters }] = await reported;
rmSync(directory, { recursive: true });
const growth = memory.most - memory.before;
const isTrue = seen.refused === counters.refused && seen.dropped === counters.dropped;
const perSecond = (count: number): string => `${Math.round(count / (Number(values.seconds) + WARM_UP_SECONDS))}/s`;
console.log(
  `main blocked for ${values.seconds} s (${values.transport}): ${sent} requests sent (${perSecond(sent)}), ` +
    `${counters.refused} refused (${perSecond(counters.refused)}), ${counters.dropped} dropped by the server; ` +
    `resident ${memory.before.toFixed(1)} MiB before, at most ${memory.most.toFixed(1)} MiB; afterwards ${seen.events} events ` +
    `account for ${seen.refused} refused, ${seen.dropped} dropped, ${seen.lost} events lost`,
);
process.exitCode = growth < LIMIT_MIB && isTrue && seen.lost === 0 && counters.refused > 0 ? 0 : 1;

/** Missing files, a thousand names, junk in between; at a steady rate, as far as this machine has it. */
async function flood(ms: number, rate: number): Promise<number> {
  const sockets = Array.from({ length: CLIENTS }, (_, index) => {
    const socket = createSocket({ type: "udp4", recvBufferSize: 4_096 });
    // Answers are read and forgotten.
    socket.on("message", () => {}).on("error", () => {});
    return socket.bind(0, `127.0.1.${index + 1}`);
  });
  await Promise.all(sockets.map((socket) => once(socket, "listening")));
  const datagrams = Array.from({ length: 1_000 }, (_, index) =>
    index % 50 === 0 ? Buffer.of(0, 1, 65) : Buffer.from(`\0\u0001missing/${index}\0octet\0`, "latin1"),
  );
  const begin = performance.now();
  let count = 0;
  for (let now = begin; now - begin < ms; now = performance.now()) {
    for (const due = ((now - begin) * rate) / 1_000; count < due; count++) {
      sockets[count % CLIENTS]?.send(datagrams[count % datagrams.length] ?? "", port, "127.0.0.1", () => {});
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  for (const socket of sockets) socket.close();
  return count;
}
