import { type Contender, LEAST_C, NPM_TFTP } from "./contenders.ts";
import type { Outcome } from "./rounds.ts";
import type { Row } from "./rows.ts";

export interface Figure {
  readonly contender: Contender;
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly timeouts: number;
  /** The windows that it granted, where they are smaller than asked for. */
  readonly smallerWindows: number | undefined;
  /** Why there is no figure; then the numbers are NaN. */
  readonly failure?: string;
}

/** Ours over theirs; of the medians of one run. */
export interface Line {
  readonly row: Row;
  readonly figures: readonly Figure[];
  readonly ours: Figure | undefined;
  readonly bestPeer: Figure | undefined;
  readonly toBestPeer: number | undefined;
  readonly toNpm: number | undefined;
  readonly toLeast: number | undefined;
  /** undefined: ours or what it is compared with was not measured. */
  readonly verdict: "aim" | "required" | "missed" | undefined;
}

export function tabulate(rows: readonly Row[], outcomes: readonly Outcome[]): readonly Line[] {
  return rows
    .map((row) =>
      lineOf(
        row,
        outcomes.filter(({ work }) => work.id === row.work.id),
      ),
    )
    .filter(({ figures }) => figures.length > 0);
}

function lineOf(row: Row, outcomes: readonly Outcome[]): Line {
  const figures = outcomes.map((outcome) => figureOf(row, outcome));
  const named = (id: string): Figure | undefined => figures.find(({ contender }) => contender.id === id);
  const ours = named(row.ours);
  const bestPeer = best(
    row,
    figures.filter(({ contender }) => contender.role === "peer"),
  );
  const toBestPeer = ratio(ours, bestPeer);
  const toNpm = ratio(ours, named(NPM_TFTP));
  const toLeast = ratio(ours, named(LEAST_C));
  const compared = { "best peer": toBestPeer, [NPM_TFTP]: toNpm, limit: ours?.median }[row.against];
  return {
    row,
    figures,
    ours,
    bestPeer,
    toBestPeer,
    toNpm,
    toLeast,
    verdict: judge(row, compared, toLeast),
  };
}

function figureOf(row: Row, { contender, samples, work, failure }: Outcome): Figure {
  const values = samples
    .map(row.figure)
    .filter((value) => !Number.isNaN(value))
    .sort((a, b) => a - b);
  const middle = values.length >> 1;
  const median = values.length % 2 ? values[middle] : ((values[middle - 1] ?? NaN) + (values[middle] ?? NaN)) / 2;
  return {
    contender,
    median: median ?? NaN,
    low: values[0] ?? NaN,
    high: values.at(-1) ?? NaN,
    timeouts: samples.reduce((total, sample) => total + sample.timeouts, 0),
    smallerWindows: samples.find(({ windowSize }) => windowSize < (work.windowSize ?? 1))?.windowSize,
    ...(failure !== undefined && { failure }),
  };
}

function best({ better }: Row, figures: readonly Figure[]): Figure | undefined {
  const sign = better === "more" ? -1 : 1;
  return figures.filter(({ median }) => !Number.isNaN(median)).sort((a, b) => sign * (a.median - b.median))[0];
}

function ratio(ours: Figure | undefined, theirs: Figure | undefined): number | undefined {
  if (theirs?.median === 0) return undefined;
  const value = (ours?.median ?? NaN) / (theirs?.median ?? NaN);
  return Number.isNaN(value) ? undefined : value;
}

function judge(row: Row, value: number | undefined, toLeast: number | undefined): Line["verdict"] {
  if (value === undefined || Number.isNaN(value)) return undefined;
  const { better, required, aim, aimOfLeast = 0 } = row;
  const reaches = (bar: number): boolean => (better === "more" ? value >= bar : value <= bar);
  if (reaches(aim) && (toLeast ?? 0) >= aimOfLeast) return "aim";
  return reaches(required) ? "required" : "missed";
}
