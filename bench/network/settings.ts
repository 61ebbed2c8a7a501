import { parseArgs } from "node:util";
import { type NetworkRow, rows } from "./rows.ts";

export interface Settings {
  /** How many seeds each row is run with. */
  readonly rounds: number;
  readonly rows: readonly NetworkRow[];
  /** undefined: all that are found. */
  readonly peers: readonly string[] | undefined;
  /** Whether the results are written; else they are only printed. */
  readonly write: boolean;
  readonly help: boolean;
}

export const usage = `npm run bench:network -- [--quick] [--rounds N] [--row ID]... [--peer ID]...
  --quick     one seed; nothing is written
  --rounds N  how many seeds each row is run with (5)
  --row ID    only these rows: ${rows.map(({ id }) => id).join(", ")}; nothing is written
  --peer ID   only these contenders, such as "ours" and "rs-tftpd"; nothing is written`;

/** @throws {TypeError} with a line for the user. */
export function readSettings(args: readonly string[]): Settings {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      row: { type: "string", multiple: true },
      peer: { type: "string", multiple: true },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const { quick, help, row: chosen, peer: peers } = values;
  const unknown = chosen?.find((id) => !rows.some((row) => row.id === id));
  if (unknown !== undefined) throw new TypeError(`--row: there is no row ${JSON.stringify(unknown)}`);
  const rounds = Number(values.rounds ?? (quick ? 1 : 5));
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new TypeError(`--rounds: expected a whole number from 1, got ${JSON.stringify(values.rounds)}`);
  }
  return {
    rounds,
    rows: rows.filter(({ id }) => chosen?.includes(id) ?? true),
    peers,
    write: !quick && !chosen && !peers,
    help,
  };
}
