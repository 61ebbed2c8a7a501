import { FileChanged } from "../content.ts";
import { DescriptorFile } from "../descriptor-file.ts";
import { readSome, type Stat } from "../fs.ts";

/** S_IROTH of stat(2): the same everywhere, and missing from Node's constants on Windows. */
const OTHERS_READ = 0o4;

/** The coarsest tick among file systems in use, that of FAT: a file's times may be this old and yet not the last. */
const COARSEST_TICK_MS = 2_000;

/**
 * A regular file, open. It is served up to the size that it had then, or, if the system knows no size (/proc, some FUSE
 * file systems), to its end.
 */
export class RootedFile extends DescriptorFile {
  /** Undefined without a size: what makes up its content as it is read has no version either. */
  readonly #version: string | undefined;
  /** Begins with the next turn. */
  #verification: Promise<void> | undefined;

  /** Whether all users of the machine may read it. */
  readonly isWorldReadable: boolean;

  readonly #isLocal: boolean;

  private constructor(fd: number, stat: Stat, hasSize: boolean, isLocal: boolean) {
    const changed = stat.mtimeMs > stat.ctimeMs ? stat.mtimeMs : stat.ctimeMs;
    super(fd, {
      size: hasSize ? Number(stat.size) : undefined,
      identity: hasSize ? identityOf(stat) : undefined,
      settledFrom: Number(changed) + COARSEST_TICK_MS,
    });
    this.#version = hasSize ? versionOf(stat) : undefined;
    this.isWorldReadable = isWorldReadable(stat);
    this.#isLocal = isLocal;
  }

  /**
   * Takes the descriptor of a regular file over, unless it rejects.
   * @param isLocal Its file system is one that answers without waiting.
   */
  static async take(fd: number, stat: Stat, isLocal: boolean): Promise<RootedFile> {
    // A size of zero may also mean that the file system makes the content up when it is read.
    const hasSize = stat.size > 0n || (await readSome(fd, new Uint8Array(1), 0, 0)) === 0;
    return new RootedFile(fd, stat, hasSize, isLocal);
  }

  /**
   * Transfers that ask in the same turn share the answer, which is asked for after all of them have: many boards fetch
   * one image.
   * @throws {FileChanged} if the file was written to, or got another size, since it was opened.
   */
  verify(): Promise<void> {
    this.#verification ??= Promise.resolve().then(() => this.#verify());
    return this.#verification;
  }

  /** As `verify`, at once: false, too, if the file system may keep the answer waiting. */
  verifyNow(): boolean {
    if (this.#version === undefined) return true;
    const stat = this.#isLocal ? this.statNow() : undefined;
    return stat !== undefined && versionOf(stat) === this.#version;
  }

  async #verify(): Promise<void> {
    // A transfer that asks from now on must ask anew.
    this.#verification = undefined;
    if (this.verifyNow()) return;
    if (versionOf(await this.stat()) !== this.#version) throw new FileChanged();
  }
}

/** By the permissions of others; those of directories above do not count, as with tftpd-hpa. */
export function isWorldReadable({ mode }: Stat): boolean {
  return (Number(mode) & OTHERS_READ) !== 0;
}

/** Equal if it is the same inode, and neither written to nor otherwise changed since. */
export function identityOf(stat: Stat): string {
  return `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`;
}

/** Equal if the content of one inode is: renaming or removing a file changes its ctime, but not what is in it. */
function versionOf(stat: Stat): string {
  return `${stat.size}:${stat.mtimeNs}`;
}
