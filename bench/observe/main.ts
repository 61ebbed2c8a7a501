// What it costs to be watched: `npm run bench:observe`, some minutes.
import { randomFillSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Contender } from "../contenders.ts";
import { compile } from "../load.ts";
import { describeMachine } from "../machine.ts";
import { type Outcome, runRounds } from "../rounds.ts";
import { killServers } from "../server.ts";
import { fileName, hundred, type Work, window16 } from "../work.ts";

const ROUNDS = 11;
/** How much slower the watched server may be. */
const ALLOWED = 0.03;
const works: readonly Work[] = [window16, hundred];

const off = contender("off", "../servers/ours.mjs", ["auto"]);
const on = contender("on", "watched.mjs", []);

const directory = mkdtempSync(join(tmpdir(), "tftp-bench-"));
process.once("exit", () => {
  killServers();
  rmSync(directory, { recursive: true });
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
for (const work of works)
  writeFileSync(join(directory, fileName(work)), randomFillSync(Buffer.alloc(work.fileKiB * 1_024)));
// What servers are asked for until they serve.
writeFileSync(join(directory, "16KiB"), Buffer.alloc(16 * 1_024));
const stage = {
  load: compile(["load/main.c", "load/transfer.c"], join(directory, ".load")),
  directory,
  processors: [0],
};
const outcomes = await runRounds([off, on], works, { rounds: ROUNDS, attempts: 3 }, stage, (line) =>
  console.error(line),
);
console.log(describeMachine().join("\n"));
console.log(`server, client and watchers on one core; medians of ${ROUNDS} rounds, the ratio of each round by itself`);
console.table(Object.fromEntries(works.map((work) => [work.id, compare(work, outcomes)])));

function contender(id: string, script: string, flags: readonly string[]): Contender {
  const file = fileURLToPath(new URL(script, import.meta.url));
  return {
    id,
    version: "",
    role: "ours",
    host: "127.0.0.1",
    port: 0,
    oneProcess: true,
    windows: true,
    command: (host, port, root) => [process.execPath, file, host, `${port}`, root, ...flags],
  };
}

/** Neighbouring runs are compared with each other: the machine's mood is the same for both. */
function compare(work: Work, all: readonly Outcome[]): Readonly<Record<string, string>> {
  // Of processor time: on one core that they share with nobody else, this is the speed.
  const [without = [], watched = []] = [off, on].map((each) => {
    const outcome = all.find((candidate) => candidate.contender === each && candidate.work === work);
    if (outcome?.failure !== undefined) throw new Error(`${work.id}, ${each.id}: ${outcome.failure}`);
    return outcome?.samples.map(
      ({ bytes, serverSeconds, clientSeconds }) => bytes / (serverSeconds + clientSeconds) / 1e6,
    );
  });
  const ratios = without.map((speed, round) => (watched[round] ?? NaN) / speed);
  const ratio = median(ratios);
  if (ratio < 1 - ALLOWED) process.exitCode = 1;
  return {
    "off, MB a CPU second": median(without).toFixed(0),
    "on, MB a CPU second": median(watched).toFixed(0),
    "on / off": ratio.toFixed(3),
    "lowest and highest": `${Math.min(...ratios).toFixed(3)} to ${Math.max(...ratios).toFixed(3)}`,
    verdict: ratio < 1 - ALLOWED ? `missed: ${1 - ALLOWED}` : "kept",
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}
