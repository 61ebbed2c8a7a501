import { LEAST_C } from "../contenders.ts";
import type { Figure, Line } from "../table.ts";
import type { Report, Table } from "./report.ts";

/** The report as Markdown: a table for each set of processors, and what is needed to judge and to repeat it. */
export function toMarkdown(report: Report): string {
  return [
    "# Results",
    `Written by \`npm run bench\`; [how to run and to read it](README.md). ${report.date}, ${report.rounds} rounds.`,
    "![Ours and the peers, as bars](results.svg)",
    ...report.tables.map(tableToMarkdown),
    participantsToMarkdown(report),
  ]
    .join("\n\n")
    .concat("\n");
}

export function tableToMarkdown({ title, lines }: Table): string {
  return [`## ${title}`, table(lines), ...notes(lines)].join("\n\n");
}

export function participantsToMarkdown({ machine, contenders, absent }: Report): string {
  const items = [
    ...machine,
    ...contenders.map(({ id, version }) => `${id}: ${version}`),
    ...absent.map(({ id, reason }) => `${id} did not: ${reason}`),
  ];
  return `## Who took part\n\n${bullets(items)}`;
}

function table(lines: readonly Line[]): string {
  const ids = [...new Set(lines.flatMap(({ figures }) => figures.map(({ contender }) => contender.id)))];
  const head = ["work", "unit", ...ids, "ours / best peer", "/ npm tftp", "/ least C", "required", "aim", "verdict"];
  const body = lines.map((line) => {
    const { row, figures, toBestPeer, toNpm, toLeast, verdict } = line;
    const sign = row.better === "more" ? "≥" : "≤";
    const bar = (value: number): string => `${sign} ${value}${row.against === "limit" ? "" : " ×"}`;
    return [
      row.title,
      row.unit,
      ...ids.map((id) =>
        cell(
          line,
          figures.find(({ contender }) => contender.id === id),
        ),
      ),
      ...[toBestPeer, toNpm, toLeast].map((value) => (value === Infinity ? "∞" : (value?.toFixed(2) ?? ""))),
      bar(row.required) + (row.against === "best peer" || row.against === "limit" ? "" : ` ${row.against}`),
      bar(row.aim) + (row.aimOfLeast === undefined ? "" : `, ${row.aimOfLeast} × ${LEAST_C}`),
      verdict ? { aim: "aim reached", required: "reached", missed: "**missed**" }[verdict] : "",
    ];
  });
  // What was compared with nobody needs no column.
  const columns = head.flatMap((_, column) => (body.some((cells) => cells[column] !== "") ? [column] : []));
  const pick = (cells: readonly string[]): string => tableRow(columns.map((column) => cells[column] ?? ""));
  return [pick(head), pick(head.map((_, column) => (column < 2 ? "---" : "--:"))), ...body.map(pick)].join("\n");
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function cell({ ours }: Line, figure: Figure | undefined): string {
  if (!figure) return "";
  if (figure.failure !== undefined) return "failed";
  if (Number.isNaN(figure.median)) return "";
  const spread = figure.low === figure.high ? "" : ` (${short(figure.low)}–${short(figure.high)})`;
  const median = figure === ours ? `**${short(figure.median)}**` : short(figure.median);
  return (
    median +
    spread +
    (figure.smallerWindows === undefined ? "" : ` [${figure.smallerWindows}]`) +
    (figure.timeouts > 0 ? " ¹" : "")
  );
}

function notes(lines: readonly Line[]): string[] {
  const figures = lines.flatMap(({ row, figures: all }) => all.map((figure) => ({ row, ...figure })));
  const failures = figures.flatMap(({ row, contender, failure }) =>
    failure === undefined ? [] : [`${contender.id}, ${row.title}: ${failure}`],
  );
  return [
    "Median (lowest–highest) of the rounds; ratios are of the medians in this table.",
    ...(figures.some(({ smallerWindows }) => smallerWindows) ? ["[N] It granted windows of N blocks only."] : []),
    ...(figures.some(({ timeouts }) => timeouts > 0) ? ["¹ With time-outs: a client had to ask again."] : []),
    ...(figures.some(({ high }) => high === Infinity) ? ["∞ The transfer failed, or did not end in time."] : []),
    ...(failures.length > 0 ? [bullets(failures)] : []),
  ];
}

export function short(value: number): string {
  if (value === Infinity) return "∞";
  if (value >= 1_000) return Math.round(value).toLocaleString("en");
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

function bullets(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}
