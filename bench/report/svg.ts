import { LEAST_C, NPM_TFTP } from "../contenders.ts";
import type { Line } from "../table.ts";
import { type Bar, barChart } from "./bars.ts";
import type { Report } from "./report.ts";

/** The first table's speeds as bars: ours, the best native peer, npm tftp, and the bound that C sets. */
export function toSvg(report: Report): string {
  const lines = (report.tables[0]?.lines ?? []).filter(({ row }) => row.better === "more");
  return barChart(
    "tftp-driver and other TFTP servers, server and client on one core",
    `Server and client on one core; longer is better. ${report.date}`,
    lines.map((line) => ({ title: line.row.title, unit: line.row.unit, bars: barsOf(line) })),
  );
}

function barsOf({ row, figures, bestPeer }: Line): readonly Bar[] {
  const shown = row.against === NPM_TFTP ? [row.ours, NPM_TFTP] : [row.ours, bestPeer?.contender.id, NPM_TFTP, LEAST_C];
  return figures
    .filter(({ contender, median }) => shown.includes(contender.id) && !Number.isNaN(median))
    .map(({ contender, median }) => ({ name: contender.id, value: median, kind: contender.role }));
}
