// The callback API behind promises: no FileHandle, which the garbage collector would close and complain about, and
// fewer steps per call than node:fs/promises takes.
import * as fs from "node:fs";
import { promisify } from "node:util";
import { hasProcDescriptors } from "../../shared/proc-descriptors.ts";

export type Stat = fs.BigIntStats;

/** Read only; never waits for the other end of a FIFO, never makes a terminal ours. Node itself adds O_CLOEXEC. */
const readFlags = fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0) | (fs.constants.O_NOCTTY ?? 0);
const noFollow = fs.constants.O_NOFOLLOW ?? 0;
/** open(2): names a file without opening it. Node has no name for it; the number is the same wherever Node runs. */
const O_PATH = 0o10_000_000;

const bigint = { bigint: true } as const;
const asBytes = { encoding: "buffer" } as const;
const openWith = promisify(fs.open);
const fstatWith = promisify(fs.fstat);
const statWith = promisify(fs.stat);
const statfsWith = promisify(fs.statfs);

/** Opens for reading. `followLast` false: fails with ELOOP if the last part of the path is a symlink. */
export function openFile(path: Buffer, followLast: boolean): Promise<number> {
  return openWith(path, followLast ? readFlags : readFlags | noFollow);
}

/**
 * A descriptor that only refers to the file: it can be asked for its stat and its location, and nothing happens to a
 * FIFO or a device. `followLast` false: refers to the symlink, if the last part of the path is one. Undefined on a
 * system that has no such thing.
 */
export async function openReference(path: Buffer, followLast: boolean): Promise<number | undefined> {
  return hasProcDescriptors() ? await openWith(path, O_PATH | (followLast ? 0 : noFollow)) : undefined;
}

/** Another name for an open file, on Linux. */
export function pathOfDescriptor(fd: number): string {
  return `/proc/self/fd/${fd}`;
}

/** Opens for reading the very file that a reference refers to, whatever has become of its name. */
export function reopen(reference: number): Promise<number> {
  return openWith(pathOfDescriptor(reference), readFlags);
}

export function statOpen(fd: number): Promise<Stat> {
  return fstatWith(fd, bigint);
}

export function statPath(path: Buffer): Promise<Stat> {
  return statWith(path, bigint);
}

/** At once: only for an open file of a local file system. */
export function statOpenNow(fd: number): Stat {
  return fs.fstatSync(fd, bigint);
}

/** The type of a file system, as statfs(2) has it. */
export async function statFileSystem(path: string): Promise<number> {
  return (await statfsWith(path)).type;
}

/** At once: only for a link of /proc, which the kernel answers from memory. */
export function readLinkNow(path: string): Buffer {
  return inBytes(fs.readlinkSync(path, asBytes));
}

export function realPath(path: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    fs.realpath.native(path, asBytes, (error, real) => (error ? reject(error) : resolve(inBytes(real))));
  });
}

/** Yarn's Plug'n'Play answers with text all the same. A name that is not UTF-8 is then a name that is not there. */
function inBytes(path: Buffer | string): Buffer {
  return typeof path === "string" ? Buffer.from(path) : path;
}

/** One system call: may get fewer bytes than asked for; 0 at the end of the file. */
export function readSome(fd: number, target: Uint8Array, offset: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const length = target.length - offset;
    fs.read(fd, target, offset, length, position, (error, count) => (error ? reject(error) : resolve(count)));
  });
}

export const closeFile: (fd: number) => Promise<void> = promisify(fs.close);
