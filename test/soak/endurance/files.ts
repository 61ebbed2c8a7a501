import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { execFileSync } from "node:child_process";

const KIB = 1_024;
const VERSIONS = 3;

/** The names that boards ask for, and what they may get. A digest that is not listed is a wrong file. */
export interface ServedFiles {
  readonly root: string;
  /** The uploads of the agent come from here, outside of the root. */
  readonly image: string;
  /** By name: the digests of all versions that were ever there. */
  readonly digests: ReadonlyMap<string, ReadonlySet<string>>;
  /**
   * Does one thing to the files that are not left alone: replaces one by rename, or cuts or overwrites one in place.
   */
  disturb(): void;
}

/** Lays out the root: files left alone, one replaced by rename, one cut and rewritten in place, and traps. */
export function layOut(directory: string): ServedFiles {
  const root = join(directory, "root");
  mkdirSync(join(root, "board1"), { recursive: true });
  const digests = new Map<string, Set<string>>();
  const note = (name: string, bytes: Uint8Array): Uint8Array => {
    digests.set(name, (digests.get(name) ?? new Set()).add(createHash("sha256").update(bytes).digest("hex")));
    return bytes;
  };
  const versions = (name: string, size: number): Uint8Array[] =>
    Array.from({ length: VERSIONS }, () => note(name, randomBytes(size)));
  for (const [name, size] of [
    ["small.bin", 700],
    ["board1/kernel", 2_000 * KIB],
    ["exact.bin", 1_468 * 64],
    ["empty", 0],
    ["bad-sector.bin", 400 * KIB],
  ] as const) {
    writeFileSync(join(root, name), note(name, randomBytes(size)));
  }
  const replaced = versions("replaced.bin", 300 * KIB);
  const rewritten = versions("rewritten.bin", 500 * KIB);
  writeFileSync(join(root, "replaced.bin"), replaced[0] as Uint8Array);
  writeFileSync(join(root, "rewritten.bin"), rewritten[0] as Uint8Array);
  const image = join(directory, "image");
  writeFileSync(image, note("uploaded.bin", randomBytes(800 * KIB)));
  writeFileSync(join(directory, "secret"), "nobody may read this\n");
  symlinkSync("../secret", join(root, "link"));
  execFileSync("mkfifo", [join(root, "fifo")]);
  let turn = 0;
  const disturb = (): void => {
    turn++;
    const version = (list: readonly Uint8Array[]): Uint8Array => list[turn % VERSIONS] as Uint8Array;
    if (turn % 2 === 0) {
      writeFileSync(join(root, "new"), version(replaced));
      return renameSync(join(root, "new"), join(root, "replaced.bin"));
    }
    const file = openSync(join(root, "rewritten.bin"), "r+");
    if (turn % 3 === 0) ftruncateSync(file, 0);
    writeSync(file, version(rewritten));
    closeSync(file);
  };
  return { root, image, digests, disturb };
}
