import { opendir } from "node:fs/promises";
import { foldCase } from "../../../shared/glob.ts";
import type { FileName, RequestContext } from "../content.ts";
import { parseFileName } from "../file-name.ts";
import { fileGate } from "../open-gate.ts";

type IsWanted = NonNullable<RequestContext["isWanted"]>;

/** The most entries that are looked at for one name, in all directories: any client can have them searched. */
const MAX_ENTRIES = 20_000;

interface Budget {
  left: number;
  readonly isWanted: IsWanted | undefined;
}

const SLASH = Buffer.from("/");

/**
 * The name of what is there under that name if the case of A to Z is passed over: a part that is there as it was asked
 * for comes first, then the others in the order of bytes. Undefined if there is nothing. What is found is only a name: it
 * must be opened like any other.
 * @param isWanted Asked when its turn has come, if it has to wait for it.
 * @throws {Refused} as `parseFileName`.
 */
export async function findIgnoringCase(
  directory: Buffer,
  { parts }: FileName,
  isWanted?: IsWanted,
): Promise<FileName | undefined> {
  const budget = { left: MAX_ENTRIES, isWanted };
  const found = await search(
    directory,
    parts.map((part) => Buffer.from(part)),
    budget,
  );
  return found && parseFileName(found);
}

async function search(directory: Buffer, parts: readonly Buffer[], budget: Budget): Promise<Buffer | undefined> {
  const [first, ...rest] = parts;
  if (first === undefined) return undefined;
  for (const entry of await entriesLike(directory, first, budget)) {
    if (rest.length === 0) return entry;
    // oxlint-disable-next-line no-await-in-loop -- one directory after the other, until one has the rest
    const below = await search(Buffer.concat([directory, SLASH, entry]), rest, budget);
    if (below) return Buffer.concat([entry, SLASH, below]);
  }
  return undefined;
}

async function entriesLike(directory: Buffer, wanted: Buffer, budget: Budget): Promise<Buffer[]> {
  const folded = foldCase(wanted.toString("latin1"));
  const like: Buffer[] = [];
  await fileGate.through(async () => {
    try {
      for await (const { name } of await opendir(directory, {
        encoding: "buffer" as BufferEncoding,
        bufferSize: 256,
      })) {
        if (budget.left-- <= 0) return;
        const entry = Buffer.from(name);
        if (foldCase(entry.toString("latin1")) === folded) like.push(entry);
      }
    } catch {
      // No directory, or one that may not be read: what is in it cannot be found this way.
    }
  }, budget.isWanted);
  const rank = (entry: Buffer): number => (entry.equals(wanted) ? 0 : 1);
  return like.toSorted((one, other) => rank(one) - rank(other) || Buffer.compare(one, other));
}
