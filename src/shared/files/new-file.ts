import { constants, fdatasync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { promisify } from "node:util";
import { hasCode } from "../error-codes.ts";

/** How a file is made by {@link createFile}. */
interface NewFile {
  /** Whether {@link syncData} is to be called before the file gets its name. */
  readonly sync: boolean;
  /** Its permissions, less the process's umask; @default 0o666 */
  readonly mode?: number | undefined;
  /** Whether it is read, too; @default false */
  readonly readable?: boolean;
}

const fdatasyncOf = promisify(fdatasync);
const { O_CREAT, O_EXCL, O_RDWR, O_WRONLY } = constants;
/** Windows has none. */
const O_DSYNC = (constants as { readonly O_DSYNC?: number }).O_DSYNC ?? 0;

/** Opens a file for writing that is not there yet. @throws a system error, EEXIST if it is. */
export function createFile(path: string, { sync, mode, readable = false }: NewFile): Promise<FileHandle> {
  const flags = O_CREAT | O_EXCL | (readable ? O_RDWR : O_WRONLY);
  return open(path, sync && syncsEachWrite() ? flags | O_DSYNC : flags, mode);
}

/** fdatasync(2) for a file of {@link createFile}. By the descriptor: the handles of Yarn's Plug'n'Play have no `datasync`. */
export async function syncData(file: FileHandle): Promise<void> {
  if (!syncsEachWrite()) await fdatasyncOf(file.fd);
}

/**
 * Gives the file these permissions, if the umask has left it without some. Node's permission model closes fchmod(2).
 * @throws {Error} that says what to do then; a system error.
 */
export async function changeMode(file: FileHandle, mode: number): Promise<void> {
  if (((await file.stat()).mode & 0o777) === mode) return;
  try {
    await file.chmod(mode);
  } catch (error) {
    if (!hasCode(error, "ERR_ACCESS_DENIED")) throw error;
    const octal = mode.toString(8).padStart(4, "0");
    const reason = `Node's permission model lets no program change a mode, and the umask forbids its mode ${octal}`;
    throw new Error(`${reason}: remove the file first, or change the umask`, { cause: error });
  }
}

/** Node's permission model closes fdatasync(2) for all descriptors. O_DSYNC, with which each write waits, it leaves open. */
function syncsEachWrite(): boolean {
  return O_DSYNC !== 0 && (process as { permission?: unknown }).permission !== undefined;
}
