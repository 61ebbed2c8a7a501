// How long transfers take over links that lose, reorder and queue: `npm run bench:network`, the better part of an hour.
import { randomFillSync } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { whyAbsent } from "../../test/helpers/network/lab.ts";
import { whyNoLink } from "../../test/helpers/network/link.ts";
import { type Absent, type Contender, findContenders } from "../contenders.ts";
import { compile } from "../load.ts";
import { describeMachine } from "../machine.ts";
import { nativePeers } from "../native-peers.ts";
import { participantsToMarkdown, tableToMarkdown } from "../report/markdown.ts";
import type { Report } from "../report/report.ts";
import type { Outcome } from "../rounds.ts";
import { killServers } from "../server.ts";
import { tabulate } from "../table.ts";
import { measureRow } from "./measure.ts";
import { toMarkdown, toSvg } from "./report.ts";
import { readSettings, type Settings, usage } from "./settings.ts";
import { NetworkStage } from "./stage.ts";

async function main(): Promise<void> {
  const settings = readSettings(process.argv.slice(2));
  if (settings.help) return console.log(usage);
  const obstacle = whyAbsent() ?? whyNoLink();
  if (obstacle !== undefined) throw new TypeError(`there can be no network of our own here: ${obstacle}`);
  const directory = mkdtempSync(join(tmpdir(), "tftp-bench-"));
  process.once("exit", () => {
    killServers();
    rmSync(directory, { recursive: true });
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  const report = await runAll(settings, directory);
  console.log(report.tables.map(tableToMarkdown).join("\n\n"));
  console.log(`\n${participantsToMarkdown(report)}`);
  if (!settings.write) return;
  writeFileSync(new URL("../network.md", import.meta.url), toMarkdown(report));
  writeFileSync(new URL("../network.svg", import.meta.url), toSvg(report));
}

async function runAll({ rows, rounds, peers }: Settings, directory: string): Promise<Report> {
  // Some peers give up their rights before they read.
  chmodSync(directory, 0o755);
  for (const kib of new Set([16, ...rows.map(({ work }) => work.fileKiB)])) {
    writeFileSync(join(directory, `${kib}KiB`), randomFillSync(Buffer.alloc(kib * 1_024)));
  }
  const load = compile(["load/main.c", "load/transfer.c"], join(directory, ".load"));
  const { contenders, absent } = participants(peers);
  const stage = await NetworkStage.open(contenders, load, directory);
  const outcomes: Outcome[] = [];
  const loads = [describeLoad()];
  try {
    for (const row of rows) outcomes.push(...(await measureRow(stage, row, rounds, progress)));
  } finally {
    await stage.close();
  }
  progress("");
  loads.push(describeLoad());
  return {
    date: new Date().toISOString().slice(0, 10),
    rounds,
    machine: [...describeMachine(), `load average (1, 5, 15 minutes) before and after: ${loads.join("; ")}`],
    contenders,
    absent,
    tables: [
      { title: "A transfer over a link, round trip 1 ms, blocks of 1468 bytes", lines: tabulate(rows, outcomes) },
    ],
  };
}

/** Ours, and the native peers that are here. The others of the bench serve loopback only. */
function participants(peers: Settings["peers"]): { contenders: readonly Contender[]; absent: readonly Absent[] } {
  const { contenders, absent } = findContenders("");
  const native = new Set(nativePeers.map(({ id }) => id));
  const able = contenders.filter(({ id, role }) => role === "ours" || native.has(id));
  return { contenders: able.filter(({ id }) => peers?.includes(id) ?? true), absent };
}

/** A machine that others use slows everything down here, the client too. */
function describeLoad(): string {
  return loadavg()
    .map((value) => value.toFixed(1))
    .join(", ");
}

function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
}

await main().catch((error: Error) => {
  console.error(error instanceof TypeError ? error.message : error);
  process.exitCode = 1;
});
