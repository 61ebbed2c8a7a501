import { formatBytes } from "./format.ts";
import type { RunningTransfer } from "../activity/running-transfer.ts";

/** "4.1 MiB/s", "stalled"; "" before anything has moved. */
export function speedText(transfer: RunningTransfer, now: number): string {
  if (transfer.isStalled(now)) return "stalled";
  const rate = transfer.rate(now);
  return rate === undefined ? "" : `${formatBytes(rate)}/s`;
}

/** "12 MiB of 20 MiB"; only how much, if the total is not known. */
export function amountText({ bytes, total }: RunningTransfer): string {
  return total === undefined ? formatBytes(bytes) : `${formatBytes(bytes)} of ${formatBytes(total)}`;
}

/** "ETA 0:12", "ETA 1:02:03"; "" if it is unknown. */
export function etaText(transfer: RunningTransfer, now: number): string {
  const ms = transfer.remaining(now);
  if (ms === undefined) return "";
  const seconds = Math.ceil(ms / 1_000);
  if (seconds >= 360_000) return "ETA > 99 h";
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor(seconds / 60) % 60;
  const parts = hours > 0 ? [hours, two(minutes)] : [minutes];
  return `ETA ${[...parts, two(seconds % 60)].join(":")}`;
}

function two(part: number): string {
  return `${part}`.padStart(2, "0");
}
