import { parseArgs } from "node:util";
import { type Row, rows } from "./rows.ts";

export interface Settings {
  readonly quick: boolean;
  /** On which sets of processors the table is run. */
  readonly stages: readonly (readonly number[])[];
  readonly rounds: number;
  readonly rows: readonly Row[];
  /** undefined: all that are found. */
  readonly peers: readonly string[] | undefined;
  /** Where the results are written; undefined: they are only printed. */
  readonly write: boolean;
  readonly help: boolean;
}

export const usage = `npm run bench -- [--quick] [--rounds N] [--row ID]... [--peer ID]...
  --quick     a minute and a half: short runs, 2 rounds, one core; nothing is written
  --one-core  leaves the second table out; nothing is written
  --rounds N  how often each contender's turn comes (5)
  --row ID    only these rows: ${rows.map(({ id }) => id).join(", ")}; nothing is written
  --peer ID   only these contenders, such as "ours" and "rs-tftpd"; nothing is written`;

/** @throws {TypeError} with a line for the user. */
export function readSettings(args: readonly string[]): Settings {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      "one-core": { type: "boolean", default: false },
      rounds: { type: "string" },
      row: { type: "string", multiple: true },
      peer: { type: "string", multiple: true },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const { quick, help, row: chosen, peer: peers } = values;
  const unknown = chosen?.find((id) => !rows.some((row) => row.id === id));
  if (unknown !== undefined) throw new TypeError(`--row: there is no row ${JSON.stringify(unknown)}`);
  const rounds = Number(values.rounds ?? (quick ? 2 : 5));
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new TypeError(`--rounds: expected a whole number from 1, got ${JSON.stringify(values.rounds)}`);
  }
  const oneCore = quick || values["one-core"];
  return {
    quick,
    stages: oneCore ? [[0]] : [[0], [0, 1]],
    help,
    rounds,
    rows: rows.filter(({ id }) => chosen?.includes(id) ?? true),
    peers,
    write: !oneCore && !chosen && !peers,
  };
}
