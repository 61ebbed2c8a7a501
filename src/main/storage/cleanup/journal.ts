import { type FileHandle, open, rename, unlink } from "node:fs/promises";
import { unless } from "../failure.ts";
import { type ProcessIdentity, ownIdentity } from "./process-identity.ts";

/** The process that writes the journal, and the location it is about. Its first line. */
export interface JournalHeader {
  readonly journal: "tftp-driver 1";
  readonly location: string;
  readonly writer: ProcessIdentity;
  /** The driver was closed, and could not remove what follows. */
  readonly ended: boolean;
}

/** The lines behind it. A later line about a path adds to the earlier ones, until it is forgotten. */
export type JournalLine =
  | { readonly temporary: string }
  | { readonly made: string; readonly type: "file" | "directory"; readonly identity: string }
  | { readonly forget: string };

/**
 * A file that lists, should this process die, what it has left. It is not synchronised to the disk: it outlives the
 * process, which is what it is for, and after a power failure it may be short of its last lines.
 */
export class Journal {
  readonly #path: string;
  readonly #location: string;
  #file: FileHandle | undefined;
  #queue: Promise<void> = Promise.resolve();
  #lines = 0;

  constructor(path: string, location: string) {
    this.#path = path;
    this.#location = location;
  }

  /** How many lines it has, the outdated ones too. */
  get length(): number {
    return this.#lines;
  }

  append(...lines: readonly JournalLine[]): Promise<void> {
    return this.#inTurn(async () => {
      this.#file ??= await this.#create(this.#path, false);
      await this.#write(this.#file, lines);
    });
  }

  /** Replaces all lines by these; should the process die meanwhile, either all or none of the old ones are there. */
  rewrite(current: () => readonly JournalLine[], ended = false): Promise<void> {
    return this.#inTurn(async () => {
      const scratch = scratchOf(this.#path);
      const file = await this.#create(scratch, ended);
      await this.#write(file, current());
      await rename(scratch, this.#path);
      await this.#file?.close();
      this.#file = file;
    });
  }

  /** Closes the file; it stays. */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#file?.close();
      this.#file = undefined;
    });
  }

  /** Nothing is left to list. */
  async remove(): Promise<void> {
    await this.close();
    await unless(unlink(this.#path), "ENOENT");
  }

  async #create(path: string, ended: boolean): Promise<FileHandle> {
    const file = await open(path, "w", 0o600);
    this.#lines = 0;
    const header: JournalHeader = {
      journal: "tftp-driver 1",
      location: this.#location,
      writer: ownIdentity(),
      ended,
    };
    await file.appendFile(`${JSON.stringify(header)}\n`);
    return file;
  }

  async #write(file: FileHandle, lines: readonly JournalLine[]): Promise<void> {
    await file.appendFile(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    this.#lines += lines.length;
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => {});
    return done;
  }
}

/** The path under which a journal is written anew. */
export function scratchOf(path: string): string {
  return `${path}.new`;
}
