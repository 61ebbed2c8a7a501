import { access, constants, mkdir, stat } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { hasCode, unless } from "../error-codes.ts";

/**
 * Creates the directory, and those above it, if they are missing, and checks that it can be read.
 * @throws a system error (`code` ENOENT, ENOTDIR, EACCES).
 */
export async function ensureDirectory(path: string): Promise<void> {
  await makeDirectories(path);
  // The dot makes anything but a directory fail.
  await access(join(resolve(path), ".", sep), constants.R_OK | constants.X_OK);
}

/**
 * Creates the directory, and those above it, if they are missing. One call for each: `mkdir` with `recursive` never
 * returns if the file system denies having made what it was asked for, as /proc does.
 * @param mode Of each directory that is created. Default: 0o777, less the process's umask.
 */
export async function makeDirectories(path: string, mode?: number): Promise<void> {
  const whole = resolve(path);
  if ((await unless(stat(whole), "ENOENT")) !== undefined) return;
  const parent = dirname(whole);
  if (parent !== whole) await makeDirectories(parent, mode);
  await mkdir(whole, { mode }).catch((error: unknown) => {
    // Another process was faster.
    if (!hasCode(error, "EEXIST")) throw error;
  });
}
