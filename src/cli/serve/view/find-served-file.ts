import { access, constants, opendir } from "node:fs/promises";
import { join } from "node:path";
import { isTemporaryName } from "../../../contract/text/temporary-name.ts";

/** How many directory entries are read at most: the root may be a mirror with millions of files. */
const MAX_ENTRIES = 1_000;

export interface Search {
  /** Relative to the root, `/` between its parts; undefined if no file was found. */
  readonly found: string | undefined;
  /** Whether everything was looked at, so that there is no file if none was found. */
  readonly complete: boolean;
}

/**
 * Finds a file that the server would serve: hello.txt, else the first one by name, of the root before its
 * subdirectories. Never rejects.
 */
export async function findServedFile(rootDir: string, maxEntries: number = MAX_ENTRIES): Promise<Search> {
  const directories = [""];
  let left = maxEntries;
  let complete = true;
  for (const directory of directories) {
    const listing = await list(rootDir, directory, left);
    left -= listing.read;
    complete &&= listing.complete;
    const files = listing.files.sort();
    if (files.includes("hello.txt")) files.unshift("hello.txt");
    for (const path of files) if (await isReadable(join(rootDir, path))) return { found: path, complete };
    directories.push(...listing.directories.sort());
    if (left <= 0) return { found: undefined, complete: false };
  }
  return { found: undefined, complete };
}

interface Listing {
  readonly files: string[];
  readonly directories: string[];
  readonly read: number;
  readonly complete: boolean;
}

/**
 * At most `limit` entries of that directory. Symbolic links are left out: whether one is served depends on `symlinks`.
 */
async function list(rootDir: string, directory: string, limit: number): Promise<Listing> {
  const listing = { files: [] as string[], directories: [] as string[], read: 0, complete: true };
  try {
    for await (const entry of await opendir(join(rootDir, directory))) {
      if (listing.read === limit) return { ...listing, complete: false };
      listing.read++;
      // A replacement character stands for bytes that are not UTF-8: the name cannot be put into a URL.
      if (isTemporaryName(entry.name) || entry.name.includes("\uFFFD")) continue;
      const path = directory === "" ? entry.name : `${directory}/${entry.name}`;
      if (entry.isFile()) listing.files.push(path);
      if (entry.isDirectory()) listing.directories.push(path);
    }
    return listing;
  } catch {
    return { ...listing, complete: false };
  }
}

async function isReadable(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}
