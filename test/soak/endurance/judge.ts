import type { AgentReport, Holdings } from "./agent-process.ts";
import type { BoardCounts } from "./boards.ts";
import type { HostileCounts } from "./hostile.ts";

export interface Sample extends Holdings {
  /** Since the begin of the run, in minutes. */
  readonly minute: number;
}

export interface Evidence {
  readonly minutes: number;
  readonly boards: BoardCounts;
  readonly hostile: HostileCounts;
  /** Fetched while the agent's thread was blocked, and while it was not: bytes a second. */
  readonly rates: { readonly blocked: number; readonly free: number };
  readonly samples: readonly Sample[];
  /** Before the first board, and after the last one, with the server running and idle. */
  readonly before: Holdings;
  readonly after: Holdings;
  readonly ordered: {
    readonly crashes: number;
    /** Of the crashes, how many by lack of memory. */
    readonly lacks: number;
    readonly restarts: number;
    readonly suspensions: number;
  };
  /** From the order to crash until the port answered again, in ms. */
  readonly recoveries: readonly number[];
  /** Calls of waitForTransfer() during which the system's clock was set. */
  readonly waits: { readonly asked: number; readonly answered: number };
  readonly report: AgentReport;
}

export interface Finding {
  readonly promise: string;
  readonly figure: string;
  readonly kept: boolean;
}

const MIB = 1_024 * 1_024;
/** What a run may add to the resident memory in all, beyond what its first third has reached, in MiB. */
const GROWTH_MIB = 24;
/** More maps than V8 makes of a heap that grows mean that restarts leave some behind. */
const MAPS = 100;
/** Far above what a free machine shows (some 12 ms), far below what a thread shows that serves boards itself. */
const DELAY_P99_MS = 100;
/** A thread that runs out of memory collects garbage for seconds before it dies. */
const RECOVERY_MS = 30_000;

/** Each promise with its figure. */
export function judge(evidence: Evidence): Finding[] {
  const { boards, hostile, rates, before, after, ordered, recoveries, waits, report } = evidence;
  const slope = memorySlope(evidence.samples);
  const growth = memoryGrowth(evidence.samples);
  const slowest = Math.max(0, ...recoveries);
  const gaveUp = sum(boards.gaveUp);
  // On a slow machine a thread that lacks memory collects garbage for so long that it is ended as hung: it does not run.
  const endedAsHung = Math.min(Math.max(0, ordered.crashes - report.seen.crashes), ordered.lacks);
  return [
    finding(
      "every file arrives whole, in one version",
      `${boards.complete} right, ${boards.wrong.length} wrong ${boards.wrong.slice(0, 3).join("; ")}`,
      boards.complete > 0 && boards.wrong.length === 0,
    ),
    finding(
      "boards get through",
      `${gaveUp} gave up: ${JSON.stringify(boards.gaveUp)}`,
      gaveUp <= boards.complete / 500 + boards.count * (ordered.crashes + ordered.restarts + ordered.suspensions),
    ),
    finding(
      "nothing outside of the root, no link, no FIFO is served",
      `${hostile.sent} hostile datagrams, ${hostile.served} answered with content`,
      hostile.sent > 0 && hostile.served === 0,
    ),
    finding(
      "a blocked agent does not stop boards",
      `${rate(rates.blocked)} blocked, ${rate(rates.free)} free`,
      rates.blocked > rates.free / 3,
    ),
    finding(
      "boards do not stop the agent",
      `event-loop delay p99 ${report.loop.p99.toFixed(1)} ms`,
      report.loop.p99 < DELAY_P99_MS,
    ),
    finding(
      "a crashed thread serves again",
      `${report.seen.crashes} of ${ordered.crashes} crashes reported, and ${endedAsHung} lacks of memory as hangs; ${report.seen.restarts} restarts, slowest ${slowest.toFixed(0)} ms`,
      report.seen.crashes + endedAsHung === ordered.crashes &&
        report.seen.restarts === ordered.crashes &&
        slowest < RECOVERY_MS,
    ),
    finding(
      "nothing is held at the end",
      `${report.running} transfers, descriptors ${before.descriptors} -> ${after.descriptors}, threads ${before.threads} -> ${after.threads}${leftOpen(before, after)}`,
      report.running === 0 && after.descriptors <= before.descriptors && after.threads <= before.threads,
    ),
    finding("memory maps do not pile up", `${before.maps} -> ${after.maps}`, after.maps <= before.maps + MAPS),
    finding(
      "memory does not grow",
      `${growth.toFixed(1)} MiB over the last two thirds, ${slope.toFixed(1)} MiB/h; resident ${(after.memory / MIB).toFixed(0)} MiB`,
      growth < GROWTH_MIB,
    ),
    finding(
      "a stopped process is not taken for a hung thread",
      `${ordered.suspensions} stops, ${report.seen.hung - endedAsHung} taken for hangs`,
      report.seen.hung === endedAsHung,
    ),
    finding(
      "a clock that is set breaks no wait",
      `${waits.answered} of ${waits.asked} answered`,
      waits.answered === waits.asked,
    ),
    finding(
      "only files that were changed in mid-transfer fail, and one on a bad sector",
      JSON.stringify(report.seen.failures),
      Object.keys(report.seen.failures).every((failure) => /^(rewritten\.bin|bad-sector\.bin: EIO)/.test(failure)) &&
        Object.keys(report.seen.failures).some((failure) => failure.startsWith("bad-sector.bin")),
    ),
    finding("the server runs at the end", report.state, report.state === "running"),
  ];
}

/** By least squares over the last two thirds of the run, in MiB an hour. */
function memorySlope(samples: readonly Sample[]): number {
  const settled = samples.slice(Math.floor(samples.length / 3));
  const meanX = mean(settled.map(({ minute }) => minute));
  const meanY = mean(settled.map(({ memory }) => memory / MIB));
  const covariance = sumOf(settled.map(({ minute, memory }) => (minute - meanX) * (memory / MIB - meanY)));
  const variance = sumOf(settled.map(({ minute }) => (minute - meanX) ** 2));
  return variance === 0 ? 0 : (covariance / variance) * 60;
}

/** Median of the last sixth less the median of the second third's begin: single peaks do not count. */
function memoryGrowth(samples: readonly Sample[]): number {
  const third = Math.floor(samples.length / 3);
  const sixth = Math.max(1, Math.floor(samples.length / 6));
  const early = samples.slice(third, third + sixth).map(({ memory }) => memory);
  const late = samples.slice(-sixth).map(({ memory }) => memory);
  return (median(late) - median(early)) / MIB;
}

function finding(promise: string, figure: string, kept: boolean): Finding {
  return { promise, figure, kept };
}

/** The descriptors that are there now and were not before, if there are more of them. */
function leftOpen(before: Holdings, after: Holdings): string {
  if (after.descriptors <= before.descriptors) return "";
  return `; new ones: ${after.opened.filter((one) => !before.opened.includes(one)).join(", ")}`;
}

function rate(bytesPerSecond: number): string {
  return `${(bytesPerSecond / MIB).toFixed(2)} MiB/s`;
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : sumOf(values) / values.length;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return sumOf(Object.values(counts));
}

function sumOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
