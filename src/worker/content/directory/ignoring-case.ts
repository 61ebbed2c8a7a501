import { MAX_PART } from "../../../shared/glob/glob.ts";
import type { FileName, RequestContext } from "../content.ts";
import { parseFileName } from "../file-name.ts";
import { DirectoryListings } from "./directory-listings.ts";

type IsWanted = NonNullable<RequestContext["isWanted"]>;

/** The most directories that are looked into for one name: those whose names differ in case only multiply. */
const MAX_LOOKS = 64;

interface Search {
  readonly listings: DirectoryListings;
  readonly isWanted: IsWanted;
  looks: number;
}

const SLASH = Buffer.from("/");

/** Of all rules and servers of this thread. */
const sharedListings = new DirectoryListings();

/**
 * The name of what is there under that name if the case of A to Z is passed over: a part that is there as it was asked
 * for comes first, then the others in the order of bytes. Undefined if there is nothing. What is found is only a name: it
 * must be opened like any other.
 * @param isWanted Asked before each directory.
 * @throws {Refused} as `parseFileName`; a system error if a directory cannot be read just now.
 */
export async function findIgnoringCase(
  directory: Buffer,
  { parts, longestPart }: Pick<FileName, "parts" | "longestPart">,
  isWanted: IsWanted = () => true,
  listings: DirectoryListings = sharedListings,
): Promise<FileName | undefined> {
  if (longestPart > MAX_PART) return undefined;
  const wanted = parts.map((part) => Buffer.from(part));
  const found = await searchFor(directory, wanted, { listings, isWanted, looks: 0 });
  return found && parseFileName(found);
}

async function searchFor(directory: Buffer, parts: readonly Buffer[], search: Search): Promise<Buffer | undefined> {
  const [first, ...rest] = parts;
  if (first === undefined || ++search.looks > MAX_LOOKS || !search.isWanted()) return undefined;
  for (const entry of inOrder(await search.listings.like(directory, first), first)) {
    if (rest.length === 0) return entry;
    // oxlint-disable-next-line no-await-in-loop -- one directory after the other, until one has the rest
    const below = await searchFor(Buffer.concat([directory, SLASH, entry]), rest, search);
    if (below) return Buffer.concat([entry, SLASH, below]);
  }
  return undefined;
}

function inOrder(entries: readonly Buffer[], wanted: Buffer): readonly Buffer[] {
  const rank = (entry: Buffer): number => (entry.equals(wanted) ? 0 : 1);
  return entries.toSorted((one, other) => rank(one) - rank(other) || Buffer.compare(one, other));
}
