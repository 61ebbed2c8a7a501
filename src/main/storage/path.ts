import { sep } from "node:path";
import { TftpError } from "../../contract/errors.ts";
import { showValue } from "../../contract/text/show-value.ts";
import { isTemporaryName } from "../../contract/text/temporary-name.ts";

/**
 * A path as its users give it, in the form that backends take. As with TFTP, a `/` at the start means the root; `.` and
 * `//` collapse.
 * @throws {TftpError} PATH_OUTSIDE_ROOT for a `..` in any part; INVALID_OPTION for what is no path, or a name that
 *   storage keeps for itself.
 */
export function normalise(path: string, what = "path"): string {
  if (typeof path !== "string" || path.includes("\0")) {
    throw new TftpError("INVALID_OPTION", `${what}: expected a string without NUL, got ${showValue(path)}`);
  }
  const parts = path.split(sep === "/" ? "/" : /[/\\]/).filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw outsideRoot(path);
  const reserved = parts.find(isTemporaryName);
  if (reserved !== undefined) {
    throw new TftpError(
      "INVALID_OPTION",
      `${what}: expected a name that storage does not keep for itself: ${reserved}`,
    );
  }
  return parts.join("/");
}

/**
 * The same, of anything but the root.
 * @throws {TftpError} as `normalise`, and FORBIDDEN for the root.
 */
export function normaliseBelowRoot(path: string, what?: string): string {
  const normal = normalise(path, what);
  if (normal === "") throw new TftpError("FORBIDDEN", "the root itself can be neither written, renamed nor removed");
  return normal;
}

export function outsideRoot(path: string): TftpError {
  return new TftpError("PATH_OUTSIDE_ROOT", `${path} leads out of the root`);
}

/** Whether the path is that directory, or lies somewhere under it. */
export function isUnder(path: string, directory: string): boolean {
  return directory === "" || path === directory || path.startsWith(`${directory}/`);
}
