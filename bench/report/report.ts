import type { Absent, Contender } from "../contenders.ts";
import type { Line } from "../table.ts";

export interface Table {
  readonly title: string;
  readonly lines: readonly Line[];
}

/** One run of the bench, ready to be written. */
export interface Report {
  readonly date: string;
  readonly rounds: number;
  /** Kernel, processor, Node, client: a line each. */
  readonly machine: readonly string[];
  readonly contenders: readonly Contender[];
  readonly absent: readonly Absent[];
  readonly tables: readonly Table[];
}
