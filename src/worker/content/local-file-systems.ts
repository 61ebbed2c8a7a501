import { statFileSystem } from "./fs.ts";

/**
 * Types of file systems (statfs(2), linux/magic.h) on disks or in the memory of this machine. The kernel has the inode
 * of an open file in memory, so fstat(2) answers without waiting. Missing on purpose: all network file systems, FUSE,
 * and overlayfs, which may lie over one of them.
 */
const LOCAL_TYPES: ReadonlySet<number> = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // xfs
  0x9123683e, // btrfs
  0xf2f52010, // f2fs
  0x2fc12fc1, // zfs
  0x73717368, // squashfs
  0xe0f5e1e2, // erofs
  0x9660, // iso9660
  0x4d44, // fat
  0x01021994, // tmpfs
  0x858458f6, // ramfs, initramfs
]);

/** A mount can give a device number to another file system; nothing announces that. */
const KEEP_MS = 10_000;
const MOST_KEPT = 64;

interface Known {
  readonly isLocal: boolean;
  readonly until: number;
}

/**
 * Remembers, by device, whether a file system is a local one: then a question about an open file is answered faster
 * than the thread pool could be asked.
 */
export class LocalFileSystems {
  readonly #known = new Map<bigint, Known>();

  /** @param path Any file on that device: /proc/self/fd/N of one that is open. */
  async includes(device: bigint, path: string): Promise<boolean> {
    const known = this.#known.get(device);
    if (known !== undefined && performance.now() < known.until) return known.isLocal;
    // A system that does not say is asked the slow way.
    const isLocal = LOCAL_TYPES.has(await statFileSystem(path).catch(() => 0));
    if (this.#known.size >= MOST_KEPT) this.#known.clear();
    this.#known.set(device, { isLocal, until: performance.now() + KEEP_MS });
    return isLocal;
  }
}
