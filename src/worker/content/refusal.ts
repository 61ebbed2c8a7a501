import type { RefusalReason } from "../../contract/events/outcomes.ts";
import { Refused } from "./content.ts";

/** What a failed system call means to the client. Every other one is our own trouble: "read-error". */
const reasons: Readonly<Record<string, RefusalReason>> = {
  ENOENT: "not-found",
  ENOTDIR: "not-found",
  ENAMETOOLONG: "not-found",
  EACCES: "forbidden",
  EPERM: "forbidden",
  // A circle of symlinks, or (O_NOFOLLOW) a symlink although none is allowed.
  ELOOP: "forbidden",
  // What open(2) says of a socket, and of a device without a driver.
  ENXIO: "not-a-file",
  ENODEV: "not-a-file",
  EISDIR: "not-a-file",
};

/** Boards probe for names by the dozen: that there is no such file needs no further explanation. */
const ordinary: ReadonlySet<unknown> = new Set(["ENOENT", "ENOTDIR"]);

/**
 * Anything thrown while a file was opened, as the refusal that it amounts to; a system error without the path in it.
 */
export function toRefused(error: unknown): Refused {
  if (error instanceof Refused) return error;
  const { code } = error as NodeJS.ErrnoException;
  const reason = (code !== undefined && reasons[code]) || "read-error";
  return ordinary.has(code) ? new Refused(reason) : new Refused(reason, { cause: withoutPath(error) });
}

/**
 * A system error as its code and the call that failed. Its own message and stack quote the path: the client's bytes, as
 * they were sent, behind the server's.
 */
function withoutPath(error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (!(error instanceof Error) || code === undefined || syscall === undefined) return error;
  const plain = Object.assign(new Error(`${code}: ${syscall}`), { code, syscall });
  delete plain.stack;
  return plain;
}
