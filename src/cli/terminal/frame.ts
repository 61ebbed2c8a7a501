import { exporterLines } from "../../status/exporter/describe-exporter.ts";
import { formatBytes, printable } from "../../status/text/format.ts";
import { resultRow } from "./result-row.ts";
import type { ScreenModel } from "./screen-model.ts";
import { title } from "./title.ts";
import { transferRows } from "./transfer-rows.ts";
import { cut, textWidth } from "./width.ts";

/** The least number of rows at which blank lines separate the sections. */
const ROOMY = 16;
/** How many results keep their place, however many transfers run. */
const RESULTS = 3;

/**
 * The lines of one screen, from the top: the address, who holds the lease of an exporter, the notices, the running transfers, the last results (the newest
 * first), the counters. At most `rows` lines, none wider than `columns`.
 */
export function frame(screen: ScreenModel): string[] {
  const { rows, activity } = screen;
  const gap = rows >= ROOMY ? [""] : [];
  const name = title(screen, rows >= ROOMY);
  const head = [...name, ...exporter(screen), ...notices(screen), ...gap];
  const foot = [...gap, counters(screen)];
  const room = rows - head.length - foot.length;
  // Too few rows for anything but the address and the counters.
  if (room < 2) return [counters(screen), ...title(screen, false)].slice(0, rows).toReversed();
  const results = activity.results.list.length;
  const reserved = results === 0 ? 0 : Math.min(RESULTS, results) + 1 + gap.length;
  const running = transferRows(screen, Math.max(room - 1 - reserved, 1));
  const upper = [runningTitle(screen), ...running];
  const lower = results === 0 ? [] : [...gap, ...resultSection(screen, room - upper.length - gap.length)];
  const filler = Array.from({ length: Math.max(room - upper.length - lower.length, 0) }, () => "");
  return [...head, ...[...upper, ...lower].slice(0, room), ...filler, ...foot];
}

/** The first line, which says who holds the lease, is always there. */
function exporter({ activity, now, rows, columns, style }: ScreenModel): string[] {
  const lines = activity.exporter ? exporterLines(activity.exporter, now) : [];
  const shown = rows < ROOMY ? lines.slice(0, 1) : lines;
  return shown.map(({ text, tone }) => style.tone(tone, cut(text, columns, style.signs.ellipsis)));
}

/** If rows are few, transfers and results take the place of the notices. */
function notices({ activity, notices: texts, rows, columns, style }: ScreenModel): string[] {
  if (rows < ROOMY && (activity.runningCount > 0 || activity.results.list.length > 0)) return [];
  return texts.map((text) => style.faint(cut(printable(text), columns, style.signs.ellipsis)));
}

function runningTitle({ activity, now, columns, style }: ScreenModel): string {
  const { runningCount } = activity;
  if (runningCount === 0) return style.faint(cut("No running transfers", columns, style.signs.ellipsis));
  const rate = `${formatBytes(activity.throughput.current(now))}/s`;
  return style.strong(cut(`${runningCount} running, ${rate}`, columns, style.signs.ellipsis));
}

/** The newest results under a title, in at most `room` lines. */
function resultSection(screen: ScreenModel, room: number): string[] {
  if (room < 2) return [];
  const newest = screen.activity.results.list.slice(1 - room).toReversed();
  const name = cut("Last results", screen.columns, screen.style.signs.ellipsis);
  return [screen.style.strong(name), ...newest.map((result) => resultRow(result, screen))];
}

/** As many counters as fit into the width, none of them cut. */
function counters({ activity, columns, style }: ScreenModel): string {
  const { totals } = activity;
  const counts = [...(activity.exporter?.totals ?? []), ...totals.list].map(({ name, count }) => `${count} ${name}`);
  const parts = [...counts, `${formatBytes(totals.bytes)} served`];
  let line = "";
  for (const part of parts) {
    const longer = line === "" ? part : `${line} ${style.signs.dot} ${part}`;
    if (textWidth(longer) <= columns) line = longer;
  }
  return style.faint(line);
}
