import { randomFillSync } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Contender, findContenders } from "./contenders.ts";
import { compile } from "./load.ts";
import { describeMachine } from "./machine.ts";
import type { Stage } from "./measure.ts";
import { participantsToMarkdown, tableToMarkdown, toMarkdown } from "./report/markdown.ts";
import type { Report, Table } from "./report/report.ts";
import { toSvg } from "./report/svg.ts";
import { runFresh, runRounds } from "./rounds.ts";
import { killServers } from "./server.ts";
import { type Settings, readSettings, usage } from "./settings.ts";
import { type Line, tabulate } from "./table.ts";
import { type Work, shortened } from "./work.ts";

async function main(): Promise<void> {
  const settings = readSettings(process.argv.slice(2));
  if (settings.help) return console.log(usage);
  if (process.platform !== "linux") throw new TypeError("the bench reads /proc and pins processes: it runs on Linux");
  const directory = mkdtempSync(join(tmpdir(), "tftp-bench-"));
  process.once("exit", () => {
    killServers();
    rmSync(directory, { recursive: true });
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  const report = await runAll(settings, directory);
  console.log(participantsToMarkdown(report));
  if (!settings.write) return;
  writeFileSync(new URL("results.md", import.meta.url), toMarkdown(report));
  writeFileSync(new URL("results.svg", import.meta.url), toSvg(report));
}

async function runAll(settings: Settings, home: string): Promise<Report> {
  // Some peers give up their rights before they read.
  chmodSync(home, 0o755);
  const load = compile(["load/main.c", "load/transfer.c"], join(home, ".load"));
  const { contenders: found, absent } = findContenders(compile(["servers/least.c"], join(home, ".least")));
  const contenders = found.filter(({ id, onRequest }) => settings.peers?.includes(id) ?? !onRequest);
  const works = [...new Set(settings.rows.map(({ work }) => work))].map((work) =>
    settings.quick ? shortened(work) : work,
  );
  for (const kib of [16, ...works.map(({ fileKiB }) => fileKiB)]) {
    writeFileSync(join(home, `${kib}KiB`), randomFillSync(Buffer.alloc(kib * 1_024)));
  }
  const tables: Table[] = [];
  for (const processors of settings.stages) {
    const title = `Server and client on ${processors.length === 1 ? "one core" : "two cores"}`;
    // What a server holds does not depend on the processors: it is measured in the first table.
    const chosen = tables.length === 0 ? works : works.filter(({ seconds }) => seconds === undefined);
    const lines = await runStage(settings, contenders, chosen, { load, directory: home, processors });
    if (lines.length === 0) continue;
    tables.push({ title, lines });
    console.log(`${tableToMarkdown({ title, lines })}\n`);
  }
  return {
    date: new Date().toISOString().slice(0, 10),
    rounds: settings.rounds,
    machine: describeMachine(),
    contenders,
    absent,
    tables,
  };
}

async function runStage(
  { rows, rounds, quick }: Settings,
  contenders: readonly Contender[],
  works: readonly Work[],
  stage: Stage,
): Promise<readonly Line[]> {
  const timed = works.filter(({ seconds }) => seconds === undefined);
  const outcomes =
    timed.length > 0
      ? [...(await runRounds(contenders, timed, { rounds, attempts: quick ? 1 : 3 }, stage, progress))]
      : [];
  for (const work of works.filter(({ seconds }) => seconds !== undefined)) {
    // The mapped file would count as the least server's memory; and in a hurry only ours is of interest.
    const few = contenders.filter(
      ({ role, oneProcess }) => oneProcess && (role === "ours" || (role === "peer" && !quick)),
    );
    outcomes.push(...(await runFresh(few, work, stage, progress)));
  }
  progress("");
  return tabulate(rows, outcomes);
}

function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
}

await main().catch((error: Error) => {
  console.error(error instanceof TypeError ? error.message : error);
  process.exitCode = 1;
});
