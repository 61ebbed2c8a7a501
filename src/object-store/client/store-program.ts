import { TftpError } from "../../contract/errors.ts";

/** In the environment of the process that was started, the number of the process that started it. */
const MARK = "TFTP_DRIVER_STORE_OF";

/** How Node is started, to run the file of the store's process. */
export interface StoreProgram {
  readonly file: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * This program's own Node.
 * @throws {TftpError} START_FAILED in a single executable: to start that is to start the whole program again.
 */
export function storeProgram(): StoreProgram {
  assertNotStore();
  const { execPath, env, versions } = process;
  if (isSingleExecutable()) {
    throw new TftpError(
      "START_FAILED",
      `the option source needs a process of its own, and ${execPath} is a single executable, which would only start ` +
        "itself again: serve a directory (rootDir), or run the program with Node (docs/bundling.md)",
    );
  }
  // Electron's program is the application, unless this variable makes Node of it.
  const electron = versions["electron"] === undefined ? {} : { ELECTRON_RUN_AS_NODE: "1" };
  return { file: execPath, env: { ...env, ...electron, [MARK]: String(process.pid) } };
}

/**
 * Guards against a recursion: a program of another kind that takes itself for Node starts its whole self as the
 * process for its source, which would start the next one.
 * @throws {TftpError} START_FAILED if this process was started to be one for a source.
 */
export function assertNotStore(): void {
  const starter = process.env[MARK];
  if (starter === undefined) return;
  throw new TftpError(
    "START_FAILED",
    `process ${starter} has started this one for its option source, but ${process.execPath} runs its own program and ` +
      "not the file that it is given: serve a directory (rootDir), or run the program with Node (docs/bundling.md)",
  );
}

function isSingleExecutable(): boolean {
  // Node before 20.12, and its likes, have no such module.
  const sea = process.getBuiltinModule("node:sea") as typeof import("node:sea") | undefined;
  return sea?.isSea() === true;
}
