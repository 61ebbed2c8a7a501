// Runs in a process of its own: it gives up root, and uses up its descriptors. Prints what it saw as JSON.
import { closeSync, openSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { Refused } from "../../../src/worker/content/content.ts";
import { parseFileName } from "../../../src/worker/content/file-name.ts";
import { RootedDirectory } from "../../../src/worker/content/directory/rooted-directory.ts";

const NOBODY = 65_534;
const root = process.argv[2]!;

async function ask(directory: RootedDirectory, name: string): Promise<string> {
  try {
    const file = await directory.open(parseFileName(Buffer.from(name)));
    await file.close();
    return "served";
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
    return `${error.reason} ${code}`;
  }
}

const directory = await RootedDirectory.open(root, "inside");
// Loads what Node loads with the first use of it, and lets what began at the start of the process end.
await ask(directory, "readable");
await delay(500);
const seen: Record<string, string> = {};
const spare: number[] = [];
try {
  while (spare.length < 100_000) spare.push(openSync("/dev/null", "r"));
} catch {
  seen["without descriptors"] = await ask(directory, "readable");
}
// One to look at the file, and one to read it.
for (const fd of spare.splice(-2)) closeSync(fd);
seen["with two descriptors"] = await ask(directory, "readable");
seen["with the same two"] = await ask(directory, "readable");
for (const fd of spare) closeSync(fd);

if (process.getuid?.() === 0) {
  process.setegid?.(NOBODY);
  process.seteuid?.(NOBODY);
}
seen["readable"] = await ask(directory, "readable");
seen["unreadable"] = await ask(directory, "unreadable");
seen["under an unsearchable directory"] = await ask(directory, "closed/file");
console.log(JSON.stringify(seen));
