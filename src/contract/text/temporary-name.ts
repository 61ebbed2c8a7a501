/** The start of the name of a file that storage is still writing. Such a name is neither served nor listed. */
const PREFIX = ".tftp-driver-tmp-";

/** A name for a file that is being written, in the directory where it will be renamed. `token` makes it unique. */
export function temporaryName(token: string): string {
  return PREFIX + token;
}

/** Whether a part of a path is such a name; in any letter case, for some file systems make no difference. */
export function isTemporaryName(name: string): boolean {
  return name.slice(0, PREFIX.length).toLowerCase() === PREFIX;
}
