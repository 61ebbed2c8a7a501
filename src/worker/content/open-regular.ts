import { closeSync } from "node:fs";
import { Refused } from "./content.ts";
import type { OpenedFile } from "./directory/location.ts";
import { RootedFile } from "./directory/rooted-file.ts";
import { closeFile, openFile, openReference, pathOfDescriptor, reopen, type Stat, statOpen } from "./fs.ts";
import { LocalFileSystems } from "./local-file-systems.ts";
import { fileGate, type IsWanted } from "./open-gate.ts";

const localFileSystems = new LocalFileSystems();

/**
 * Opens a regular file for reading, and nothing else: what is found is checked by a reference first, if the system has
 * one, because opening a FIFO or a device already does something to it. Other systems open without waiting.
 *
 * @param admit Whether this is a file that may be served; if not, nothing is opened and the result is undefined.
 * @param isWanted Asked when its turn has come, if it has to wait for it.
 * @throws {Refused} "not-a-file"; "forbidden" for a symlink that is not to be followed; or what `admit` threw.
 * @throws a system error.
 */
export function openRegular(
  path: Buffer,
  followLast: boolean,
  admit: (found: OpenedFile) => Promise<boolean>,
  isWanted?: IsWanted,
): Promise<RootedFile | undefined> {
  return fileGate.through(() => open(path, followLast, admit), isWanted);
}

async function open(
  path: Buffer,
  followLast: boolean,
  admit: (found: OpenedFile) => Promise<boolean>,
): Promise<RootedFile | undefined> {
  const reference = await openReference(path, followLast);
  if (reference === undefined) return await openDirectly(path, followLast, admit);
  try {
    const found = { fd: reference, path, stat: statOpen(reference) };
    if (!(await isServable(found, admit))) return undefined;
    const stat = await found.stat;
    // A network file system refreshes what it knows of a file only when that is opened for reading.
    const isLocal = await localFileSystems.includes(stat.dev, pathOfDescriptor(reference));
    const fd = await reopen(reference);
    return await takeOpened(fd, isLocal ? stat : undefined, isLocal);
  } finally {
    // A reference holds no open file, so that closing it cannot wait for a file system.
    closeSync(reference);
  }
}

async function openDirectly(
  path: Buffer,
  followLast: boolean,
  admit: (found: OpenedFile) => Promise<boolean>,
): Promise<RootedFile | undefined> {
  const fd = await openFile(path, followLast);
  let isTaken = false;
  try {
    if (!(await isServable({ fd, path, stat: statOpen(fd) }, admit))) return undefined;
    isTaken = true;
  } finally {
    if (!isTaken) await closeFile(fd);
  }
  return await takeOpened(fd, undefined, false);
}

async function isServable(found: OpenedFile, admit: (found: OpenedFile) => Promise<boolean>): Promise<boolean> {
  // Both were asked for at once, and both must have ended before the descriptor may be closed.
  const [admitted, status] = await Promise.allSettled([admit(found), found.stat]);
  if (status.status === "rejected") throw status.reason;
  if (status.value.isSymbolicLink()) throw new Refused("forbidden");
  if (admitted.status === "rejected") throw admitted.reason;
  if (!admitted.value) return false;
  if (!status.value.isFile()) throw new Refused("not-a-file");
  return true;
}

async function takeOpened(fd: number, stat: Stat | undefined, isLocal: boolean): Promise<RootedFile> {
  try {
    return await RootedFile.take(fd, stat ?? (await statOpen(fd)), isLocal);
  } catch (error) {
    await closeFile(fd);
    throw error;
  }
}
