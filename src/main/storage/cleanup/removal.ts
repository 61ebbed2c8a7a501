import { toError, toErrorInfo } from "../../../contract/errors.ts";
import type { IdentifiedEntry, Removal, StorageBackend } from "../backend.ts";

/** Something made that was not removed, and why. */
export interface Leftover {
  readonly path: string;
  readonly type: "file" | "directory";
  /** `failed`: the system did not let us, see `cause`; the others are not ours to remove any more, see `Removal`. */
  readonly reason: "replaced" | "in-use" | "unidentified" | "failed";
  readonly cause?: Error;
}

export interface RemovalReport {
  readonly removed: number;
  readonly leftovers: readonly Leftover[];
  /** What may be tried again. */
  readonly failed: readonly IdentifiedEntry[];
}

/** Removes what was made: files, then directories, deepest first. What cannot be removed does not keep the rest. */
export async function removeCreated(
  backend: StorageBackend,
  entries: readonly IdentifiedEntry[],
): Promise<RemovalReport> {
  let removed = 0;
  const leftovers: Leftover[] = [];
  const failed: IdentifiedEntry[] = [];
  for (const entry of inOrder(entries)) {
    const outcome = await tryToRemove(backend, entry);
    const { path, type } = entry;
    if (outcome instanceof Error) {
      leftovers.push({ path, type, reason: "failed", cause: outcome });
      failed.push(entry);
    } else if (outcome === "removed") removed += 1;
    else if (outcome !== "gone") leftovers.push({ path, type, reason: outcome });
  }
  return { removed, leftovers, failed };
}

function inOrder(entries: readonly IdentifiedEntry[]): IdentifiedEntry[] {
  return entries.toSorted((one, other) => rankOf(one) - rankOf(other));
}

function rankOf({ type, path }: IdentifiedEntry): number {
  return type === "file" ? -Number.MAX_VALUE : -path.split("/").length;
}

async function tryToRemove(backend: StorageBackend, entry: IdentifiedEntry): Promise<Removal | Error> {
  try {
    return await backend.remove(entry);
  } catch (error) {
    return error instanceof Error ? error : toError(toErrorInfo(error));
  }
}
