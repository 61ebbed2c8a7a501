import { parseConfig } from "../../../src/cli/serve/config-file.ts";
import { UsageError } from "../../../src/cli/usage-error.ts";
import { assert } from "../assert.ts";

const PATIENCE_MS = 2_000;

/** Any text as a configuration file: settings, or one line that says what is wrong, and soon. */
export function fuzz(data: Uint8Array): void {
  const begin = performance.now();
  try {
    parseConfig(Buffer.from(data).toString("utf8"), "fuzz.yaml");
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    assert(error.message.startsWith("fuzz.yaml:"), "an error names the file");
  }
  assert(performance.now() - begin < PATIENCE_MS, "a file is read soon");
}
