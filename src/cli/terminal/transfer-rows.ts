import { amountText, etaText, speedText } from "../../status/text/describe-running.ts";
import type { RunningTransfer } from "../../status/activity/running-transfer.ts";
import { formatBytes, printable } from "../../status/text/format.ts";
import type { ScreenModel } from "./screen-model.ts";
import { cut, cutStart, fitEnd } from "./width.ts";

/** The width of each part of a row, in columns; 0 leaves it out. The file name takes the rest. */
interface Columns {
  readonly bar: number;
  readonly eta: number;
  readonly client: number;
  readonly amount: number;
}

/** "100%" */
const PERCENT = 4;
/** "1023 MiB/s" */
const RATE = 10;
/** "ETA 1:02:03" */
const ETA = 11;
/** "1023 MiB of 1023 MiB" */
const AMOUNT = 20;

/** The longest running transfers, one a line, in at most `room` lines. The last line counts those that do not fit. */
export function transferRows(screen: ScreenModel, room: number): string[] {
  const { running } = screen.activity;
  const fits = running.length <= room;
  const shown = fits ? running : running.slice(0, room - 1);
  const columns = layOut(screen.columns, shown);
  const rows = shown.map((transfer) => row(transfer, columns, screen));
  if (fits) return rows;
  const { signs } = screen.style;
  return [...rows, cut(`${signs.ellipsis} and ${running.length - shown.length} more`, screen.columns, signs.ellipsis)];
}

/** Leaves out what a narrow terminal has no room for, the least important part first. */
function layOut(width: number, shown: readonly RunningTransfer[]): Columns {
  const longest = Math.max(0, ...shown.map(({ client }) => client.address.length));
  return {
    bar: Math.max(Math.min(Math.floor(width / 6), 30), 5),
    eta: width >= 60 ? ETA : 0,
    client: width >= 76 ? Math.min(longest, width >= 120 ? 39 : 15) : 0,
    amount: width >= 120 ? AMOUNT : 0,
  };
}

function row(transfer: RunningTransfer, columns: Columns, { now, columns: width, style }: ScreenModel): string {
  const { ellipsis } = style.signs;
  const parts = [
    speedText(transfer, now).padStart(RATE),
    columns.amount && amountText(transfer).padStart(columns.amount),
    columns.eta && etaText(transfer, now).padEnd(columns.eta),
    columns.client && fitEnd(printable(transfer.client.address), columns.client, ellipsis),
  ].filter((part) => part !== 0);
  const middle = ` ${parts.join("  ")}  `;
  const left = width - PERCENT - 1 - columns.bar - middle.length;
  const line = middle + cutStart(printable(transfer.file), Math.max(left, 0), ellipsis);
  return cutPlain(share(transfer, columns.bar, style), line, PERCENT + 1 + columns.bar, width, ellipsis);
}

/** Leaves out the bar if not even that fits. */
function cutPlain(bar: string, rest: string, barWidth: number, width: number, ellipsis: string): string {
  return barWidth < width ? bar + cut(rest, width - barWidth, ellipsis) : cut(rest.trim(), width, ellipsis);
}

/** " 78% ███████░░"; only the amount if the total is not known. */
function share(transfer: RunningTransfer, width: number, style: ScreenModel["style"]): string {
  const { share: part } = transfer;
  if (part === undefined) return formatBytes(transfer.bytes).padStart(PERCENT + 1 + width);
  const done = Math.floor(part * width);
  const percent = `${Math.floor(part * 100)}%`.padStart(PERCENT);
  return `${percent} ${style.bar(style.signs.done.repeat(done))}${style.faint(style.signs.left.repeat(width - done))}`;
}
