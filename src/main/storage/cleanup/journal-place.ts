import { realpath } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join, resolve, sep } from "node:path";
import { TftpError } from "../../../contract/errors.ts";
import { makeDirectories } from "../../../shared/files/ensure-directory.ts";
import { assertTrustedDirectory } from "../../../shared/files/trust.ts";
import { nodeCrypto } from "../../../shared/lazy-builtins.ts";

/**
 * The directories that journals may lie in, the best first: what systemd gives a service, the user's state directory,
 * and the temporary directory if neither can be had.
 * @param chosen The only directory, if the caller has chosen one.
 */
export function journalDirectories(chosen: string | undefined): string[] {
  if (chosen !== undefined) return [resolve(chosen)];
  const { STATE_DIRECTORY, XDG_STATE_HOME } = process.env;
  return [
    ...(STATE_DIRECTORY ? [STATE_DIRECTORY.split(":")[0]!] : []),
    XDG_STATE_HOME ? join(XDG_STATE_HOME, "tftp-driver") : join(homedir(), ".local", "state", "tftp-driver"),
    join(tmpdir(), `tftp-driver-${process.getuid?.() ?? "journals"}`),
  ];
}

/**
 * Makes the first of these directories that can be had, and names a journal in it.
 * @param root Not in there, for boards could fetch it.
 * @throws {TftpError} FORBIDDEN, with what each directory was refused for.
 */
export async function chooseJournal(directories: readonly string[], root: string): Promise<string> {
  const refusals: unknown[] = [];
  for (const directory of directories) {
    try {
      // Looked at twice: so that nothing is made under the root, and because links may lead there.
      assertOutside(directory, root);
      await makeDirectories(directory, 0o700);
      await assertTrustedDirectory(directory);
      assertOutside(await realpath(directory), root);
      return join(directory, `${prefixOf(root)}${process.pid}-${nodeCrypto().randomBytes(4).toString("hex")}.journal`);
    } catch (error) {
      refusals.push(error);
    }
  }
  const cause = new AggregateError(refusals, refusals.map((refusal) => (refusal as Error).message).join("; "));
  throw new TftpError("FORBIDDEN", `no directory can hold the journal: ${cause.message}`, { cause });
}

/** How the names of all journals about that root begin. */
export function prefixOf(root: string): string {
  return `${nodeCrypto().createHash("sha256").update(root).digest("hex").slice(0, 16)}-`;
}

function assertOutside(directory: string, root: string): void {
  if (`${directory}${sep}`.startsWith(root.endsWith(sep) ? root : `${root}${sep}`))
    throw new Error(`${directory} is under the served root`);
}
