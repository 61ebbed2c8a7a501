import { opendir } from "node:fs/promises";
import { foldCase } from "../../../shared/glob.ts";
import type { FileName } from "../content.ts";
import { parseFileName } from "../file-name.ts";
import { fileGate } from "../open-gate.ts";

/** The most entries that are looked at in one directory: any client can have it searched. */
const MAX_ENTRIES = 20_000;

const SLASH = Buffer.from("/");

/**
 * The name of what is there under that name if the case of A to Z is passed over: a part that is there as it was asked
 * for wins, else the first in the order of bytes. Undefined if there is nothing. What is found is only a name: it must be
 * opened like any other.
 * @throws {Refused} as `parseFileName`.
 */
export async function findIgnoringCase(directory: Buffer, { parts }: FileName): Promise<FileName | undefined> {
  const found: Buffer[] = [];
  for (const part of parts) {
    const path = Buffer.concat([directory, ...found.flatMap((each) => [SLASH, each])]);
    // oxlint-disable-next-line no-await-in-loop -- each directory is known by the one above it
    const entry = await fileGate.through(() => findEntry(path, Buffer.from(part)));
    if (entry === undefined) return undefined;
    found.push(entry);
  }
  return parseFileName(Buffer.concat(found.flatMap((each, index) => (index === 0 ? [each] : [SLASH, each]))));
}

async function findEntry(directory: Buffer, wanted: Buffer): Promise<Buffer | undefined> {
  const folded = foldCase(wanted.toString("latin1"));
  let best: Buffer | undefined;
  let read = 0;
  try {
    for await (const { name } of await opendir(directory, { encoding: "buffer" as BufferEncoding, bufferSize: 256 })) {
      if (++read > MAX_ENTRIES) return undefined;
      const entry = Buffer.from(name);
      if (foldCase(entry.toString("latin1")) !== folded) continue;
      if (entry.equals(wanted)) return entry;
      if (best === undefined || Buffer.compare(entry, best) < 0) best = entry;
    }
  } catch {
    // No directory, or one that may not be read: what is in it cannot be found this way.
    return undefined;
  }
  return best;
}
