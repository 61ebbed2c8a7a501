import { existsSync } from "node:fs";

let found: boolean | undefined;

/**
 * Whether Linux shows this process's descriptors under /proc/self/fd, so that a file can be named by what was opened. A
 * container may lack /proc, and Node's permission model may forbid it. Looked up when it is needed, for Deno asks for a
 * permission for that.
 */
export function hasProcDescriptors(): boolean {
  return (found ??= process.platform === "linux" && isThere("/proc/self/fd"));
}

/** Under Node's permission model existsSync throws. */
function isThere(path: string): boolean {
  try {
    return existsSync(path);
  } catch {
    return false;
  }
}
