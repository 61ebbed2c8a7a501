import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { hasCode } from "../main/storage/failure.ts";

/**
 * Makes the directory, and those above it, where they are missing. One call for each: `mkdir` with `recursive` never
 * returns where the file system denies having made what it was asked for, as /proc does.
 */
export async function makeAll(path: string, mode?: number): Promise<void> {
  try {
    await mkdirUnlessThere(path, mode);
  } catch (error) {
    if (!hasCode(error, "ENOENT") || dirname(path) === path) throw error;
    await makeAll(dirname(path), mode);
    await mkdirUnlessThere(path, mode);
  }
}

async function mkdirUnlessThere(path: string, mode: number | undefined): Promise<void> {
  await mkdir(path, { mode }).catch((error: unknown) => {
    if (!hasCode(error, "EEXIST")) throw error;
  });
}
