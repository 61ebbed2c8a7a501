import { hasProcDescriptors } from "../../../shared/files/proc-descriptors.ts";
import { pathOfDescriptor, readLinkNow, realPath, type Stat, statPath } from "../fs.ts";

/** An open file, the path that it was opened by, and what fstat says of it (asked for at the same time). */
export interface OpenedFile {
  readonly fd: number;
  readonly path: Buffer;
  readonly stat: Promise<Stat>;
}

/**
 * Finds the real path of an open file: absolute, without symlinks, with `deletedMark` behind it if the file was removed
 * or replaced since. Undefined if it cannot be found, as when the path names another file by now.
 */
export type Locate = (file: OpenedFile) => Promise<Buffer | undefined>;

export const deletedMark: Buffer = Buffer.from(" (deleted)");

/** Linux: the kernel itself knows the path of what it opened, whatever has happened to the name since. */
export const locateByKernel: Locate = async ({ fd }) => readLinkNow(pathOfDescriptor(fd));

/** Elsewhere: resolve the name once more, and take the answer only if it is still the file that was opened. */
export const locateByName: Locate = async ({ path, stat }) => {
  const location = await realPath(path);
  const [there, opened] = await Promise.all([statPath(location), stat]);
  return there.dev === opened.dev && there.ino === opened.ino ? location : undefined;
};

/** What this system offers; a Linux container may lack /proc. */
export function bestLocate(): Locate {
  return hasProcDescriptors() ? locateByKernel : locateByName;
}
