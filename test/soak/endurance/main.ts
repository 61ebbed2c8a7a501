// A server under everything at once, which judges itself at the end: boards with loss, boards that are switched off,
// junk, attempts to get out of the root, files that change in mid-transfer, a bad sector, an agent whose thread is
// blocked, a process that is stopped, a clock that is set, crashes, restarts, reconfiguration and uploads. Exits with 1 if a promise is broken.
// usage: npm run soak -- [--minutes N] [--transport native|dgram|auto] [--boards N] [--hostile PER_SECOND]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { AgentProcess } from "./agent-process.ts";
import { fetchFile } from "./board.ts";
import { runBoards } from "./boards.ts";
import { layOut } from "./files.ts";
import { beHostile } from "./hostile.ts";
import { type Evidence, judge, type Sample } from "./judge.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    transport: { type: "string", default: "auto" },
    boards: { type: "string", default: "12" },
    hostile: { type: "string", default: "300" },
  },
});
const minutes = Number(values.minutes);
const MINUTE_MS = 60_000;
/** One round of disturbances: block, crash, reconfigure, restart, upload. */
const ROUND_MS = 15_000;
const BLOCK_MS = 3_000;
/** Longer than the server keeps a transfer whose client has vanished. */
const QUIET_MS = 130_000;
/** Longer than the server keeps sockets for the next transfers. */
const POOL_MS = 30_000;
/** Longer than the watchdog waits (10 s), shorter than boards do (15 s). */
const SUSPENSION_MS = 12_000;
const HOUR_MS = 3_600_000;
const DEATHS = ["throw", "exit", "out-of-memory"] as const;

const directory = mkdtempSync(join(tmpdir(), "tftp-soak-"));
const files = layOut(directory);
const agent = await AgentProcess.spawn(files.root, values.transport);
const begin = performance.now();
/** What is bound; a restart may change it. */
let port = 0;
const elapsedMinutes = (): number => (performance.now() - begin) / MINUTE_MS;

try {
  port = (await agent.order("start")).port;
  await agent.order("upload", files.image);
  const before = agent.holdings();
  const stop = new AbortController();
  const boards = runBoards(Number(values.boards), () => port, files, stop.signal);
  const hostile = beHostile(() => port, Number(values.hostile), stop.signal);
  const samples: Sample[] = [];
  const recoveries: number[] = [];
  const rates = { blocked: [] as number[], free: [] as number[] };
  const ordered = { crashes: 0, lacks: 0, restarts: 0, suspensions: 0 };
  const waits = { asked: 0, answered: 0 };
  for (let round = 0; elapsedMinutes() < minutes; round++) {
    const roundBegin = performance.now();
    files.disturb();
    rates.free.push(await throughput(async () => await pause(BLOCK_MS)));
    files.disturb();
    rates.blocked.push(await throughput(async () => await agent.order("block", BLOCK_MS)));
    await agent.order("reconfigure");
    await agent.order("upload", files.image);
    if (round % 4 === 1) {
      const death = DEATHS[Math.floor(round / 4) % DEATHS.length] as (typeof DEATHS)[number];
      recoveries.push(await crash(death));
      ordered.crashes++;
      if (death === "out-of-memory") ordered.lacks++;
    }
    if (round % 8 === 3) {
      log("the process is stopped, as by a suspension");
      await agent.suspend(SUSPENSION_MS);
      ordered.suspensions++;
    }
    waits.asked++;
    if (await outlastsClock(round % 2 === 0 ? -HOUR_MS : HOUR_MS)) waits.answered++;
    if (round % 8 === 6) {
      ({ port } = await agent.order("restart"));
      ordered.restarts++;
    }
    const report = await agent.order("report");
    samples.push({ minute: elapsedMinutes(), ...agent.holdings() });
    log(`${report.state}, ${report.running} running, ${JSON.stringify(report.seen.outcomes)}`);
    await pause(Math.max(0, ROUND_MS - (performance.now() - roundBegin)));
  }
  stop.abort();
  const boardCounts = await boards;
  const hostileCounts = await hostile;
  log("waiting until the server has given up every board that vanished");
  const quiet = performance.now() + QUIET_MS;
  while ((await agent.order("report")).running > 0 && performance.now() < quiet) await pause(1_000);
  // The pool keeps sockets for a while after the last transfer.
  const pooled = performance.now() + POOL_MS;
  while (agent.holdings().descriptors > before.descriptors && performance.now() < pooled) await pause(1_000);
  const report = await agent.order("report");
  const evidence: Evidence = {
    minutes,
    boards: boardCounts,
    hostile: hostileCounts,
    rates: { blocked: average(rates.blocked), free: average(rates.free) },
    samples,
    before,
    after: agent.holdings(),
    ordered,
    recoveries,
    waits,
    report,
  };
  await agent.order("end");
  const findings = judge(evidence);
  console.log(
    `\n${minutes} minutes, transport ${values.transport}, ${values.boards} boards, ${values.hostile} hostile datagrams/s`,
  );
  console.log(
    JSON.stringify(
      { outcomes: report.seen.outcomes, errors: boardCounts.errors, warnings: report.seen.warnings },
      null,
      1,
    ),
  );
  for (const { promise, figure, kept } of findings) console.log(`${kept ? "kept  " : "BROKEN"}  ${promise}: ${figure}`);
  const broken = findings.filter(({ kept }) => !kept).length;
  console.log(`\n${findings.length - broken} passed, ${broken} failed`);
  process.exitCode = broken === 0 ? 0 : 1;
} finally {
  agent.kill();
  rmSync(directory, { recursive: true, force: true });
}

/** Bytes a second that one board gets while `work` goes on; it fetches the same file again and again. */
async function throughput(work: () => Promise<void>): Promise<number> {
  let bytes = 0;
  const over = new AbortController();
  const start = performance.now();
  const fetching = (async () => {
    while (!over.signal.aborted) {
      const fetched = await fetchFile({ port, file: "exact.bin", blockSize: 1_468, windowSize: 16, loss: 0 });
      if (fetched.kind === "complete" && !over.signal.aborted) bytes += fetched.bytes;
      await pause(5);
    }
  })();
  await work();
  over.abort();
  const seconds = (performance.now() - start) / 1_000;
  await fetching;
  return bytes / seconds;
}

/** Whether a wait for a transfer ends with it if the system's clock is set meanwhile. */
async function outlastsClock(ms: number): Promise<boolean> {
  const waiting = agent.order("waitFor", "exact.bin").then(
    () => true,
    (error: Error) => {
      log(error.message);
      return false;
    },
  );
  await agent.order("setClock", ms);
  return await waiting;
}

/** How long until a board gets a file again, in ms. */
async function crash(death: (typeof DEATHS)[number]): Promise<number> {
  log(`crash: ${death}`);
  const restarts = await agent.order("restarts");
  const start = performance.now();
  await agent.order("crash", death);
  while ((await agent.order("restarts")) === restarts && performance.now() - start < MINUTE_MS) await pause(20);
  return performance.now() - start;
}

function average(rates: readonly number[]): number {
  return rates.reduce((sum, rate) => sum + rate, 0) / Math.max(1, rates.length);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function log(text: string): void {
  console.log(`${elapsedMinutes().toFixed(1)} min: ${text}`);
}
