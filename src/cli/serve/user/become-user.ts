import type { UserIdentity } from "./user-identity.ts";

/**
 * Refuses a start that could not become that user once the port is bound.
 * @throws {Error}
 */
export function assertCanBecome({ text, uid, gid }: UserIdentity): void {
  const [isUser, isGroup] = [process.geteuid?.() === uid, process.getegid?.() === gid];
  if (process.geteuid?.() === 0 || (isUser && isGroup)) return;
  throw new Error(`--user ${text}: expected to be started as root, or as that user`);
}

/**
 * Gives up root for good, in all threads of the process: the C library applies each of these calls to all of them
 * (nptl(7)), and Node offers them in the main thread only. Groups first: afterwards it is not permitted any more.
 * @throws {Error} if the system refuses, or root could be had again.
 */
export function becomeUser({ text, uid, gid, groupsOf }: UserIdentity): void {
  if (process.geteuid?.() !== 0) return;
  try {
    if (groupsOf === undefined) process.setgroups?.([gid]);
    else (process as WithInitgroups).initgroups?.(groupsOf, gid);
    process.setgid?.(gid);
    process.setuid?.(uid);
  } catch (error) {
    throw new Error(`--user ${text}: ${(error as Error).message}`, { cause: error });
  }
  const ids = [process.getuid?.(), process.geteuid?.(), process.getgid?.(), process.getegid?.()];
  const isThere = ids.every((id, index) => id === (index < 2 ? uid : gid));
  if (!isThere || (uid !== 0 && canBeRoot())) throw new Error(`--user ${text}: the process is still root`);
}

/** `@types/node` has not got it. */
interface WithInitgroups {
  initgroups?(user: string, extraGroup: number): void;
}

function canBeRoot(): boolean {
  try {
    process.setuid?.(0);
    return true;
  } catch {
    return false;
  }
}
