import type { LinkFaults } from "../../test/helpers/network/link.ts";
import { OURS } from "../contenders.ts";
import type { Row } from "../rows.ts";
import type { Work } from "../work.ts";

/** One line of the table: a transfer over a link. */
export interface NetworkRow extends Row {
  readonly link: LinkFaults;
}

/** A run that takes longer is given up, and has no end. */
export const LONGEST_SECONDS = 30;

const MIB = 1_024;
const BLOCK_SIZE = 1_468;
/** The round trip takes a millisecond. */
const DELAY_US = 500;

interface Conditions extends LinkFaults {
  readonly id: string;
  readonly title: string;
  readonly mib?: number;
}

const queue20k = { bitsPerSecond: 100e6, queueBytes: 20_000, oneWay: true } as const;
const queue48k = { bitsPerSecond: 100e6, queueBytes: 48_000, ingressBitsPerSecond: 10e9, oneWay: true } as const;

/** Windows of 16 and of 64. */
const windowed: readonly Conditions[] = [
  { id: "no-loss", title: "no loss" },
  { id: "loss-0.1", title: "loss 0.1 %", loss: 0.001 },
  { id: "loss-1", title: "loss 1 %", loss: 0.01 },
  { id: "loss-5", title: "loss 5 %", loss: 0.05, mib: 1 },
  { id: "reorder-5", title: "reordering 5 %", reorder: 0.05 },
];

/** A window of 64 that does not fit into a queue. */
const shallow: readonly Conditions[] = [
  { id: "queue-48k", title: "queue 48 kB, 100 Mbit/s", ...queue48k },
  { id: "queue-20k", title: "queue 20 kB, 100 Mbit/s", ...queue20k },
  { id: "shaped", title: "queue 20 kB, shaped to 95 Mbit/s", ...queue20k, ingressBitsPerSecond: 95e6 },
];

export const rows: readonly NetworkRow[] = [
  ...windowed.flatMap((conditions) => [16, 64].map((windowSize) => windowRow(conditions, windowSize))),
  ...shallow.map((conditions) => windowRow(conditions, 64)),
  lockStepRow({ id: "lock-step", title: "no loss" }, 1_000),
  lockStepRow({ id: "lock-step-ask-300", title: "loss 1 %, asks after 0.3 s", loss: 0.01 }, 300),
  lockStepRow({ id: "lock-step-ask-1000", title: "loss 1 %, asks after 1 s", loss: 0.01 }, 1_000),
];

function windowRow({ id, title, mib = 4, ...link }: Conditions, windowSize: number): NetworkRow {
  return row(`${id}-window-${windowSize}`, `${title}, window ${windowSize}`, mib, link, { windowSize });
}

function lockStepRow({ id, title, mib = 1, ...link }: Conditions, silenceMs: number): NetworkRow {
  return row(id, `lock-step, ${title}`, mib, link, { silenceMs });
}

function row(id: string, title: string, mib: number, link: LinkFaults, more: Partial<Work>): NetworkRow {
  return {
    id,
    title,
    work: {
      id,
      fileKiB: mib * MIB,
      blockSize: BLOCK_SIZE,
      clients: 1,
      transfers: 1,
      seconds: LONGEST_SECONDS,
      ...more,
    },
    link: { delayUs: DELAY_US, ...link },
    unit: `s for ${mib} MiB`,
    figure: ({ seconds }) => seconds,
    better: "less",
    ours: OURS,
    against: "best peer",
    required: 1.3,
    aim: 1,
  };
}
