import { constants } from "node:fs";
import { open, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { TftpError } from "../../../contract/errors.ts";
import { isTemporaryName } from "../../../contract/text/temporary-name.ts";
import type { IdentifiedEntry, StorageBackend } from "../backend.ts";
import { type JournalHeader, type JournalLine, scratchOf } from "./journal.ts";
import { assertTrustedDirectory, assertTrustedFile } from "../../../shared/files/trust.ts";
import { unless } from "../failure.ts";
import { prefixOf } from "./journal-place.ts";
import { ReportedPaths } from "./reported-paths.ts";
import { isUnder, normaliseBelowRoot } from "../path.ts";
import { lifeOf } from "./process-identity.ts";
import { removeCreated } from "./removal.ts";

type Warn = (message: string, cause?: unknown) => void;

/** What a journal lists. */
interface Remnants {
  readonly header: JournalHeader;
  readonly temporaries: readonly string[];
  readonly made: readonly IdentifiedEntry[];
}

/**
 * Removes what drivers of dead processes left under this root, as their journals list it. Two drivers that do so at the
 * same time do not disturb each other. Never rejects.
 */
export async function recover(backend: StorageBackend, directories: readonly string[], warn: Warn): Promise<void> {
  // If there is no root, there is nothing in it.
  const location = await backend.location().catch(() => undefined);
  if (location === undefined) return;
  const reported = await ReportedPaths.open(await trustedOf(directories));
  for (const directory of directories) {
    const names = await readdir(directory).catch(() => []);
    const journals = names.filter((name) => name.startsWith(prefixOf(location)) && name.endsWith(".journal"));
    if (journals.length === 0) continue;
    try {
      await assertTrustedDirectory(directory);
    } catch (error) {
      const message = `storage: the journals in ${directory} are ignored: others could have written them`;
      await reported.once(directory, () => warn(message, error));
      continue;
    }
    for (const name of journals) {
      const path = join(directory, name);
      const report: Warn = (message, cause) => void notices.push(() => warn(message, cause));
      const notices: (() => void)[] = [];
      await recoverFrom(path, location, backend, { warn, report }).catch((error: unknown) =>
        report(`storage: the journal ${path} of a crashed driver cannot be used`, error),
      );
      if (notices.length > 0) await reported.once(path, () => notices.forEach((notice) => notice()));
    }
  }
}

async function trustedOf(directories: readonly string[]): Promise<string | undefined> {
  for (const directory of directories) {
    const isTrusted = await assertTrustedDirectory(directory).then(
      () => true,
      () => false,
    );
    if (isTrusted) return directory;
  }
  return undefined;
}

/** `warn` logs what was done; `report` logs what stays so at the next start, and is then not logged again. */
interface Notices {
  readonly warn: Warn;
  readonly report: Warn;
}

async function recoverFrom(
  path: string,
  location: string,
  backend: StorageBackend,
  { warn, report }: Notices,
): Promise<void> {
  const remnants = await read(path);
  if (remnants === undefined || remnants.header.location !== location) return;
  const { header, temporaries, made } = remnants;
  const life = header.ended ? "dead" : lifeOf(header.writer);
  if (life === "alive") return;
  if (life === "unknown") {
    const { pid, host } = header.writer;
    const writer = `process ${pid} on ${host}`;
    return report(
      `storage: it is unknown whether ${writer} still lives: the files that its journal ${path} lists stay`,
    );
  }
  for (const temporary of temporaries) await backend.removeTemporary(temporary);
  const { removed, failed, leftovers } = await removeCreated(backend, made);
  if (removed > 0) warn(`storage: removed ${removed} files and directories that process ${header.writer.pid} had left`);
  const unidentified = leftovers.filter(({ reason }) => reason === "unidentified").map((entry) => entry.path);
  if (unidentified.length > 0) {
    warn(
      `storage: without times of birth on the file system, directories cannot be identified: ${list(unidentified)} stay`,
    );
  }
  if (failed.length === 0) {
    for (const file of [path, scratchOf(path)]) await unless(unlink(file), "ENOENT");
    return;
  }
  const left = list(failed.map((entry) => entry.path));
  report(`storage: what process ${header.writer.pid} had left cannot be removed: ${left}`);
}

/** The first ten, and how many more. */
function list(paths: readonly string[]): string {
  const more = paths.length > 10 ? ` and ${paths.length - 10} more` : "";
  return `${paths.slice(0, 10).join(", ")}${more}`;
}

/** Undefined if it was removed meanwhile, or its writer died before it had written the first line. */
async function read(path: string): Promise<Remnants | undefined> {
  const opened = await unless(
    open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)),
    "ENOENT",
  );
  if (opened === undefined) return undefined;
  try {
    assertTrustedFile(await opened.stat(), path);
    const [first, ...rest] = (await opened.readFile("utf8")).split("\n").slice(0, -1);
    return first === undefined ? undefined : { header: parseHeader(first), ...gather(rest) };
  } finally {
    await opened.close();
  }
}

function parseHeader(line: string): JournalHeader {
  const header = JSON.parse(line) as JournalHeader;
  if (header.journal === "tftp-driver 1") return header;
  throw new TftpError("STORAGE_FAILED", `expected a journal of version 1, got ${line.slice(0, 100)}`);
}

function gather(lines: readonly string[]): Pick<Remnants, "temporaries" | "made"> {
  const temporaries: string[] = [];
  let made: IdentifiedEntry[] = [];
  for (const text of lines) {
    const line = JSON.parse(text) as JournalLine;
    if ("temporary" in line) temporaries.push(checkTemporary(line.temporary));
    else if ("forget" in line) made = made.filter((entry) => !isUnder(entry.path, line.forget));
    else made.push({ path: normaliseBelowRoot(line.made), type: line.type, identity: line.identity });
  }
  return { temporaries, made };
}

/** Its last part is a temporary name, and the rest a path like any other. */
function checkTemporary(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (!isTemporaryName(name)) throw new TftpError("STORAGE_FAILED", `expected a temporary name, got ${path}`);
  normaliseBelowRoot(`${path.slice(0, -name.length)}x`);
  return path;
}
