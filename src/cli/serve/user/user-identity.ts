import { readFileSync } from "node:fs";
import { UsageError } from "../../usage-error.ts";

/** A user of the system, and its groups. */
export interface UserIdentity {
  /** For messages: what was asked for. */
  readonly text: string;
  readonly uid: number;
  readonly gid: number;
  /** Whose supplementary groups to take; undefined: only `gid`. */
  readonly groupsOf: string | undefined;
}

/**
 * Looks up NAME[:GROUP], each a name or a number, in /etc/passwd and /etc/group. Without GROUP it is the group of the
 * user, with the supplementary ones.
 * @throws {UsageError}
 */
export function findUser(text: string, readTable: (path: string) => string = read): UserIdentity {
  const [user = "", group, ...surplus] = text.split(":");
  if (user === "" || group === "" || surplus.length > 0) throw invalid("NAME or NAME:GROUP", text);
  const entry = findEntry(readTable("/etc/passwd"), user);
  const uid = entry ? Number(entry[2]) : numeric(user);
  if (uid === undefined) throw invalid("a user of /etc/passwd", user);
  if (group === undefined) {
    if (!entry) throw invalid("a user of /etc/passwd, or NAME:GROUP", user);
    return { text, uid, gid: Number(entry[3]), groupsOf: entry[0] };
  }
  const groupEntry = findEntry(readTable("/etc/group"), group);
  const gid = groupEntry ? Number(groupEntry[2]) : numeric(group);
  if (gid === undefined) throw invalid("a group of /etc/group", group);
  return { text, uid, gid, groupsOf: undefined };
}

/** The fields of the entry with that name, or that number. */
function findEntry(table: string, wanted: string): string[] | undefined {
  const entries = table.split("\n").map((line) => line.split(":"));
  return entries.find(([name]) => name === wanted) ?? entries.find(([, , id]) => id === wanted && id !== "");
}

function numeric(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) && Number(text) < 0xffffffff ? Number(text) : undefined;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function invalid(expected: string, got: string): UsageError {
  return new UsageError(`--user: expected ${expected}, got ${JSON.stringify(got)}`);
}
