import { NPM_TFTP, OURS, OURS_PORTABLE } from "./contenders.ts";
import type { Sample } from "./sample.ts";
import * as work from "./work.ts";

/** One line of the table. */
export interface Row {
  readonly id: string;
  readonly title: string;
  readonly work: work.Work;
  readonly unit: string;
  readonly figure: (sample: Sample) => number;
  readonly better: "more" | "less";
  /** Whose figure counts as ours. */
  readonly ours: string;
  /** What it is compared with: the best of the peers, one of them, or a figure in the row's unit. */
  readonly against: "best peer" | typeof NPM_TFTP | "limit";
  /** The ratio, or the limit, that must be reached; and the one that we aim for. */
  readonly required: number;
  readonly aim: number;
  /** The part of the least C program's figure that belongs to the aim. */
  readonly aimOfLeast?: number;
}

const MIB = 1024 * 1024;

const megabytes = {
  unit: "MB/s",
  figure: (sample: Sample) => sample.bytes / sample.seconds / 1e6,
  better: "more",
  ours: OURS,
  against: "best peer",
} as const;

const perGigabyte = {
  unit: "s/GB",
  figure: (sample: Sample) => sample.serverSeconds / (sample.bytes / 1e9),
  better: "less",
  ours: OURS,
  against: "best peer",
} as const;

export const rows: readonly Row[] = [
  {
    ...megabytes,
    id: "window-16",
    title: "window 16 × 1468",
    work: work.window16,
    required: 2.5,
    aim: 3,
    aimOfLeast: 0.85,
  },
  {
    ...megabytes,
    id: "window-64",
    title: "window 64 × 1468",
    work: work.window64,
    required: 2.5,
    aim: 3,
    aimOfLeast: 0.85,
  },
  {
    ...megabytes,
    id: "clients-100",
    title: "100 clients × 1 MiB, lock-step 1468",
    work: work.hundred,
    required: 1.4,
    aim: 1.7,
  },
  { ...megabytes, id: "lock-step-512", title: "lock-step 512", work: work.lockStep512, required: 0.75, aim: 1 },
  { ...megabytes, id: "lock-step-1468", title: "lock-step 1468", work: work.lockStep1468, required: 0.75, aim: 1 },
  { ...megabytes, id: "lock-step-8192", title: "lock-step 8192", work: work.lockStep8192, required: 0.75, aim: 1 },
  {
    ...megabytes,
    id: "small-files",
    title: "64 clients, 16 KiB files, 1468",
    work: work.small,
    unit: "transfers/s",
    figure: (sample) => sample.transfers / sample.seconds,
    required: 0.9,
    aim: 1.2,
  },
  { ...perGigabyte, id: "cpu", title: "server CPU, window 16 × 1468", work: work.window16, required: 0.4, aim: 0.3 },
  {
    ...megabytes,
    id: "dgram",
    title: "portable dgram path, window 16 × 1468",
    work: work.window16,
    ours: OURS_PORTABLE,
    against: NPM_TFTP,
    required: 1.3,
    aim: 1.5,
  },
  {
    id: "memory",
    title: "memory over idle, 1000 transfers of one 100 MiB file",
    work: work.thousand,
    unit: "MiB",
    figure: (sample) => sample.memory / MIB,
    better: "less",
    ours: OURS,
    against: "limit",
    required: 150,
    aim: 60,
  },
];
