import { access, constants, mkdir, stat } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";

/**
 * Creates the directory, and those above it, where they are missing, and sees that it can be read.
 * Each is made by one call of its own: `mkdir` with `recursive` never returns where the file system denies having made
 * what it was asked for, as /proc does.
 * @throws a system error (`code` ENOENT, ENOTDIR, EACCES).
 */
export async function ensureDirectory(path: string): Promise<void> {
  await make(resolve(path));
  // The dot makes anything but a directory fail.
  await access(join(path, ".", sep), constants.R_OK | constants.X_OK);
}

async function make(path: string): Promise<void> {
  if (await exists(path)) return;
  const parent = dirname(path);
  if (parent !== path) await make(parent);
  await mkdir(path).catch((error: NodeJS.ErrnoException) => {
    // Another process was faster.
    if (error.code !== "EEXIST") throw error;
  });
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
