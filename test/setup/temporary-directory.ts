// Vitest's global setup: all that the tests of a run put into the temporary directory is in one directory of that run.
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What programs that tests run keep there: V8's and their own caches, sockets, profiles. */
const ofTools = /^(?:node-compile-cache|tsx-|jest_)/;

/**
 * Removes it when the run is over, with what killed tests and tools leave in it, and names what tests of ours left: each
 * is a clean-up that is missing, or did not run. With TFTP_LEFTOVERS=fail that fails the run.
 */
export default function temporaryDirectory(): () => void {
  const before = process.env["TMPDIR"];
  // A short name: sockets are in it, and their paths have at most 107 bytes.
  const place = mkdtempSync(join(tmpdir(), "tftp-"));
  // Like /tmp: programs of other users find their files in it.
  chmodSync(place, 0o1777);
  process.env["TMPDIR"] = place;
  return () => {
    const left = readdirSync(place).filter((name) => !ofTools.test(name));
    rmSync(place, { recursive: true, force: true, maxRetries: 5 });
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
    if (left.length === 0) return;
    process.stderr.write(`tests left behind in the temporary directory: ${left.join(", ")}\n`);
    if (process.env["TFTP_LEFTOVERS"] === "fail") process.exitCode = 1;
  };
}
