import { parseConfig } from "../../../src/cli/serve/config/config-file.ts";
import { UsageError } from "../../../src/cli/usage-error.ts";
import { assert } from "../assert.ts";

/** Of processor time: other programs are not the file's doing. */
const PATIENCE_MICROSECONDS = 2_000_000;
const FILES = /^files:$/m;

/**
 * Any text as a configuration file: settings, or one line that says what is wrong, and soon. Files that are read apart
 * have the same text as by the parser for all of YAML, which reads them if a space follows the colon.
 */
export function fuzz(data: Uint8Array): void {
  const text = Buffer.from(data).toString("utf8");
  const begin = process.cpuUsage();
  const outcome = outcomeOf(text);
  const { user, system } = process.cpuUsage(begin);
  assert(user + system < PATIENCE_MICROSECONDS, "a file is read soon");
  assert(outcome === outcomeOf(text.replace(FILES, "files: ")), "the quick way reads the same");
}

function outcomeOf(text: string): string {
  try {
    return JSON.stringify(parseConfig(text, "fuzz.yaml"));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    assert(error.message.startsWith("fuzz.yaml:"), "an error names the file");
    return error.message;
  }
}
