import { chmodSync } from "node:fs";
import { dirname } from "node:path";
import { onTestFinished } from "vitest";

/** For the rest of the test root is nobody: permissions do not bind root. The system applies it to all threads. */
export function withoutPrivileges(root: string): void {
  if (process.geteuid?.() !== 0) return;
  chmodSync(dirname(root), 0o755);
  chmodSync(root, 0o755);
  process.seteuid?.(65_534);
  onTestFinished(() => process.seteuid?.(0));
}
