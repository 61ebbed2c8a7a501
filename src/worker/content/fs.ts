// The callback API behind promises: no FileHandle, which the garbage collector would close and complain about, and
// fewer steps per call than node:fs/promises takes.
import * as fs from "node:fs";
import { promisify } from "node:util";

export type Stat = fs.BigIntStats;

/** Read only; never waits for the other end of a FIFO, never makes a terminal ours. Node itself adds O_CLOEXEC. */
const readFlags = fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0) | (fs.constants.O_NOCTTY ?? 0);
const noFollow = fs.constants.O_NOFOLLOW ?? 0;

const bigint = { bigint: true } as const;
const asBytes = { encoding: "buffer" } as const;
const openWith = promisify(fs.open);
const fstatWith = promisify(fs.fstat);
const statWith = promisify(fs.stat);
const readlinkWith = promisify(fs.readlink);

/** Opens for reading. `followLast` false: fails with ELOOP where the last part of the path is a symlink. */
export function openFile(path: Buffer, followLast: boolean): Promise<number> {
  return openWith(path, followLast ? readFlags : readFlags | noFollow);
}

export function statOpen(fd: number): Promise<Stat> {
  return fstatWith(fd, bigint);
}

export function statPath(path: Buffer): Promise<Stat> {
  return statWith(path, bigint);
}

export function readLink(path: string): Promise<Buffer> {
  return readlinkWith(path, asBytes);
}

export function realPath(path: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    fs.realpath.native(path, asBytes, (error, real) => (error ? reject(error) : resolve(real)));
  });
}

/** One system call: may get fewer bytes than asked for; 0 at the end of the file. */
export function readSome(fd: number, target: Uint8Array, offset: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const length = target.length - offset;
    fs.read(fd, target, offset, length, position, (error, count) => (error ? reject(error) : resolve(count)));
  });
}

export const closeFile: (fd: number) => Promise<void> = promisify(fs.close);
