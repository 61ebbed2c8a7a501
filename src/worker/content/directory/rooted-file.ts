import { DescriptorFile } from "../descriptor-file.ts";
import type { Stat } from "../fs.ts";

/** The coarsest tick among file systems in use, that of FAT: a file's times may be this old and yet not the last. */
const COARSEST_TICK_MS = 2_000;

/** A regular file, open. It is served up to the size that it had then, even if it grows. */
export class RootedFile extends DescriptorFile {
  constructor(fd: number, stat: Stat) {
    const changed = stat.mtimeMs > stat.ctimeMs ? stat.mtimeMs : stat.ctimeMs;
    super(fd, {
      size: Number(stat.size),
      identity: identityOf(stat),
      settledFrom: Number(changed) + COARSEST_TICK_MS,
    });
  }
}

/** Equal where it is the same inode, and neither written to nor otherwise changed since. */
export function identityOf(stat: Stat): string {
  return `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`;
}
