// The callback API behind promises: no FileHandle, which the garbage collector would close and complain about, and
// fewer steps per call than node:fs/promises takes.
import * as fs from "node:fs";
import { hasProcDescriptors } from "../../shared/files/proc-descriptors.ts";
import { runMicrotasksByTick } from "../../shared/tick.ts";

export type Stat = fs.BigIntStats;

/** Read only; never waits for the other end of a FIFO, never makes a terminal ours. Node itself adds O_CLOEXEC. */
const readFlags = fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0) | (fs.constants.O_NOCTTY ?? 0);
const noFollow = fs.constants.O_NOFOLLOW ?? 0;
/** open(2): names a file without opening it. Node has no name for it; the number is the same wherever Node runs. */
const O_PATH = 0o10_000_000;

const bigint = { bigint: true } as const;
const asBytes = { encoding: "buffer" } as const;
/** Opens for reading. `followLast` false: fails with ELOOP if the last part of the path is a symlink. */
export function openFile(path: Buffer, followLast: boolean): Promise<number> {
  return settled((done) => fs.open(path, followLast ? readFlags : readFlags | noFollow, done));
}

/**
 * A descriptor that only refers to the file: it can be asked for its stat and its location, and nothing happens to a
 * FIFO or a device. `followLast` false: refers to the symlink, if the last part of the path is one. Undefined on a
 * system that has no such thing.
 */
export async function openReference(path: Buffer, followLast: boolean): Promise<number | undefined> {
  if (!hasProcDescriptors()) return undefined;
  return await settled((done) => fs.open(path, O_PATH | (followLast ? 0 : noFollow), done));
}

/** Another name for an open file, on Linux. */
export function pathOfDescriptor(fd: number): string {
  return `/proc/self/fd/${fd}`;
}

/** Opens for reading the very file that a reference refers to, whatever has become of its name. */
export function reopen(reference: number): Promise<number> {
  return settled((done) => fs.open(pathOfDescriptor(reference), readFlags, done));
}

export function statOpen(fd: number): Promise<Stat> {
  return settled((done) => fs.fstat(fd, bigint, done));
}

export function statPath(path: Buffer): Promise<Stat> {
  return settled((done) => fs.stat(path, bigint, done));
}

/** At once: only for an open file of a local file system. */
export function statOpenNow(fd: number): Stat {
  return fs.fstatSync(fd, bigint);
}

/** The type of a file system, as statfs(2) has it. */
export async function statFileSystem(path: string): Promise<number> {
  return (await settled<fs.StatsFs>((done) => fs.statfs(path, done))).type;
}

/** At once: only for a link of /proc, which the kernel answers from memory. */
export function readLinkNow(path: string): Buffer {
  return inBytes(fs.readlinkSync(path, asBytes));
}

export async function realPath(path: Buffer): Promise<Buffer> {
  return inBytes(await settled<Buffer>((done) => fs.realpath.native(path, asBytes, done)));
}

/** Yarn's Plug'n'Play answers with text all the same. A name that is not UTF-8 is then a name that is not there. */
function inBytes(path: Buffer | string): Buffer {
  return typeof path === "string" ? Buffer.from(path) : path;
}

/** One system call: may get fewer bytes than asked for; 0 at the end of the file. */
export function readSome(fd: number, target: Uint8Array, offset: number, position: number): Promise<number> {
  return settled((done) => fs.read(fd, target, offset, target.length - offset, position, done));
}

export function closeFile(fd: number): Promise<void> {
  return settled((done) => fs.close(fd, done));
}

/** As `promisify` has it, but what goes on with the result can be terminated safely. */
function settled<Result>(
  call: (done: (error: NodeJS.ErrnoException | null | undefined, result?: Result) => void) => void,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    call((error, result) => {
      runMicrotasksByTick();
      if (error) reject(error);
      else resolve(result as Result);
    });
  });
}
