/**
 * What is published beside the code, and made of the tables of options: schema.json and the man page.
 *
 *   node --import tsx scripts/cli-files.ts           fails if one of them is out of date
 *   node --import tsx scripts/cli-files.ts --write   writes them
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { configSchema } from "./config-schema.ts";
import { manPage } from "./man-page.ts";
import { readOptionTypes } from "./options-doc.ts";

const root = new URL("../", import.meta.url);

/** The files by their paths in this repository. */
export function cliFiles(): ReadonlyMap<string, string> {
  return new Map([
    ["schema.json", `${JSON.stringify(configSchema(readOptionTypes()), undefined, 2)}\n`],
    ["man/tftp-driver.1", manPage()],
  ]);
}

function main(option: string | undefined): number {
  let code = 0;
  for (const [path, text] of cliFiles()) {
    const file = new URL(path, root);
    if (option === "--write") {
      mkdirSync(new URL(".", file), { recursive: true });
      writeFileSync(file, text);
    } else if (!isSame(read(file), text)) {
      console.error(`${path}: out of date; run npm run docs:cli`);
      code = 1;
    }
  }
  return code;
}

function read(file: URL): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

/** The formatter lays out JSON in its own way. */
function isSame(one: string, other: string): boolean {
  if (one === other || !other.startsWith("{")) return one === other;
  try {
    return isDeepStrictEqual(JSON.parse(one), JSON.parse(other));
  } catch {
    return false;
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = main(process.argv[2]);
}
