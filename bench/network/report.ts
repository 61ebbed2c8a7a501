import { type Bar, type BarGroup, barChart } from "../report/bars.ts";
import { participantsToMarkdown, tableToMarkdown } from "../report/markdown.ts";
import type { Report } from "../report/report.ts";
import { LONGEST_SECONDS } from "./rows.ts";

/** The report as Markdown: one table, and what is needed to judge and to repeat it. */
export function toMarkdown(report: Report): string {
  return [
    "# Results over a network",
    `Written by \`npm run bench:network\`; [how to run and to read it](README.md#over-a-network). ${report.date}, ${report.rounds} seeds.`,
    "![Ours and the peers, as bars](network.svg)",
    ...report.tables.map(tableToMarkdown),
    `A run is given up after ${LONGEST_SECONDS} s. What knows no windows takes part in lock-step only.`,
    participantsToMarkdown(report),
  ]
    .join("\n\n")
    .concat("\n");
}

/** Every row as bars. */
export function toSvg(report: Report): string {
  const groups = report.tables.flatMap(({ lines }) =>
    lines.map(({ row, figures }): BarGroup => {
      const bars = figures
        .filter(({ median }) => !Number.isNaN(median))
        .map(({ contender, median }): Bar => ({ name: contender.id, value: median, kind: contender.role }));
      return { title: row.title, unit: row.unit, bars };
    }),
  );
  return barChart(
    "How long tftp-driver and other TFTP servers take over links with faults",
    `Seconds over a link with a round trip of 1 ms; shorter is better. ${report.date}`,
    groups,
  );
}
