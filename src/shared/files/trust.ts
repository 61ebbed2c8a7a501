import type { Stats } from "node:fs";
import { lstat, realpath } from "node:fs/promises";
import { dirname } from "node:path";

/** This user's number; undefined on a system without users. A call, for Deno asks for a permission for it. */
const ownUid = (): number | undefined => process.getuid?.();
const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;

/**
 * Checks that only this user controls what lies in the directory: it is ours, and others can neither write to it nor
 * put another one in its place, for each directory above it is ours or root's, too. A system without users is trusted.
 * @throws {Error} naming the directory that others control.
 */
export async function assertTrustedDirectory(path: string): Promise<void> {
  const real = await realpath(path);
  const stats = await lstat(real);
  if (!stats.isDirectory()) throw new Error(`${path} is not a directory`);
  assertOurs(stats, path);
  const user = ownUid();
  if (user === undefined) return;
  await assertCannotMove(real);
  const link = await lstat(path);
  if (!link.isSymbolicLink()) return;
  // As systemd makes one for a service with DynamicUser=.
  if (link.uid !== user && link.uid !== 0) throw new Error(`${path} is a link that belongs to another user`);
  await assertCannotMove(path);
}

async function assertCannotMove(path: string): Promise<void> {
  let above = await realpath(dirname(path));
  for (;;) {
    assertCannotReplace(await lstat(above), above);
    if (above === dirname(above)) return;
    above = dirname(above);
  }
}

/**
 * Checks that the opened file is ours, that others cannot write to it, and that it has no second name, by which another
 * one of our files would be taken for it.
 * @param stats Of the opened file (fstat): its name may mean another one by now.
 * @throws {Error}
 */
export function assertTrustedFile(stats: Stats, path: string): void {
  if (!stats.isFile()) throw new Error(`${path} is not a regular file`);
  if (ownUid() !== undefined && stats.nlink !== 1) throw new Error(`${path} has ${stats.nlink} names`);
  assertOurs(stats, path);
}

function assertOurs({ uid, mode }: Stats, path: string): void {
  const user = ownUid();
  if (user === undefined) return;
  if (uid !== user || (mode & WRITABLE_BY_OTHERS) !== 0) {
    throw new Error(`${path} belongs to another user, or others may write to it`);
  }
}

/** In a sticky directory, such as /tmp, only its owner can rename or remove a directory of ours. */
function assertCannotReplace({ uid, gid, mode }: Stats, path: string): void {
  const user = ownUid();
  // A user's private group (its number is the user's) has no other member.
  const others = uid === user && gid === user && user !== 0 ? 0o002 : WRITABLE_BY_OTHERS;
  const isWritable = (mode & others) !== 0 && (mode & STICKY) === 0;
  if ((uid !== user && uid !== 0) || isWritable) {
    throw new Error(`${path} belongs to another user, or others may write to it`);
  }
}
