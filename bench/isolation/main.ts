import { randomFillSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeMachine } from "../machine.ts";
import { eventLoopDelay, file, fileKiB, pacedSpeed, recovery } from "./measure.ts";
import type { Kind } from "./subject.ts";

const ROUNDS = 3;
const kinds: readonly [Kind, string][] = [
  ["ours", "tftp-driver, in its thread"],
  ["npm-tftp", "npm `tftp`, in-process"],
];
/** A single crash: serving again within this, in ms. */
const RECOVERY = 1_000;
const RATIO = 0.95;

const directory = mkdtempSync(join(tmpdir(), "tftp-isolation-"));
process.once("exit", () => rmSync(directory, { recursive: true }));
writeFileSync(join(directory, file), randomFillSync(Buffer.alloc(fileKiB * 1_024)));

console.log("| server | main thread idle, MiB/s | main thread busy, MiB/s | busy / idle |\n| --- | --: | --: | --: |");
let ratioOfOurs = 0;
for (const [kind, title] of kinds) {
  const [idle, busy]: number[][] = [[], []];
  // Turns (A B A B): whatever the machine does to one it does to the other.
  for (let round = 0; round < ROUNDS; round++) {
    idle?.push(await pacedSpeed(kind, directory, false));
    busy?.push(await pacedSpeed(kind, directory, true));
  }
  const [idleSpeed, busySpeed] = [median(idle ?? []), median(busy ?? [])];
  if (kind === "ours") ratioOfOurs = busySpeed / idleSpeed;
  console.log(
    `| ${title} | ${idleSpeed.toFixed(2)} | ${busySpeed.toFixed(2)} | ${(busySpeed / idleSpeed).toFixed(3)} |`,
  );
}

console.log("\n| server at full load | MiB/s | event-loop delay p99 idle, ms | under load, ms | p50 under load, ms |");
console.log("| --- | --: | --: | --: | --: |");
for (const [kind, title] of kinds) {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await eventLoopDelay(kind, directory));
  const figures = [
    rounds.map(({ speed }) => speed),
    rounds.map(({ idle }) => idle.p99),
    rounds.map(({ loaded }) => loaded.p99),
    rounds.map(({ loaded }) => loaded.p50),
  ];
  console.log(`| ${[title, ...figures.map((values) => median(values).toFixed(1))].join(" | ")} |`);
}

const recoveries: number[] = [];
for (let round = 0; round < ROUNDS; round++) recoveries.push(await recovery(directory));
const slowest = Math.max(...recoveries);
console.log(
  `\nServing again after a crash: median ${median(recoveries).toFixed(0)} ms, at most ${slowest.toFixed(0)} ms.`,
);
console.log(
  `\n${describeMachine()
    .map((line) => `- ${line}`)
    .join("\n")}`,
);

if (ratioOfOurs < RATIO) console.error(`busy / idle: expected ${RATIO} or more, got ${ratioOfOurs.toFixed(3)}`);
if (median(recoveries) > RECOVERY) console.error(`a crash: expected ${RECOVERY} ms at most, got ${median(recoveries)}`);
process.exitCode = ratioOfOurs < RATIO || median(recoveries) > RECOVERY ? 1 : 0;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
