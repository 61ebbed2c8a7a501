import type { TransferMode } from "../../contract/events/events.ts";
import type { RefusalReason } from "../../contract/events/outcomes.ts";
import type { ProfileName } from "../../contract/rules/profile-names.ts";
import type { LookupStep } from "../../contract/rules/explanation.ts";
import type { FileRequest } from "../../contract/rules/virtual-files.ts";
import type { Rollover } from "../protocol/block-number.ts";

/** A source of files: a directory, an object store. */
export interface ContentSource {
  /**
   * Opens the file of exactly that name; `openNamed` tries the other reading of backslashes.
   * @throws {Refused} if the file cannot be served; the client then gets an ERROR.
   */
  open(name: FileName, request: RequestContext): Promise<ContentFile>;
  close(): Promise<void>;
}

/** The client that asks for a file, and how it asks. */
export interface RequestContext extends Omit<FileRequest, "file" | "options"> {
  readonly options: ReadonlyMap<string, string>;
  /** False once the request was evicted, or given up: its file need not be opened any more. Absent: always true. */
  readonly isWanted?: (() => boolean) | undefined;
  /** Is told how the file was found. */
  readonly observer?: LookupObserver;
}

/** Learns on the way to a file what was done. */
export interface LookupObserver {
  /** A rule is applied; undefined: none, after all. The last time counts. */
  onRule?(applied: AppliedRule | undefined): void;
  /** A place was looked at. With this it is an explanation that is asked for: no handler is called for it. */
  onTried?(place: LookupStep): void;
}

/** What a rule does with a request. */
export interface AppliedRule {
  /** Its place among the rules, from 0. */
  readonly rule: number;
  /** The name that is looked for; absent if it is the one that was asked for. */
  readonly served?: string;
  readonly profile?: ProfileName | undefined;
}

/** A requested name. No part of it is empty or `.`; `..` has been refused before. */
export interface FileName {
  /** The parts with `/` between them, as bytes: names need not be UTF-8. */
  readonly path: Uint8Array;
  readonly parts: readonly Uint8Array[];
  /** The name as it was sent, or, of an `alternative`, with its backslashes as `/`. */
  readonly asked: Uint8Array;
  /** In bytes. */
  readonly longestPart: number;
  /** The same with backslashes read as `/`; tried if the literal name does not exist. Absent if it is the same. */
  readonly alternative?: FileName;
  /** For people: bytes that are not printable UTF-8 stand as `\xNN`. Made once it is asked for. */
  readonly text: string;
}

/**
 * An opened file. Its content stays what it was when it was opened, whatever happens to its name; if a program writes
 * into it, `verify` rejects, because one transfer must not deliver parts of two versions.
 */
export interface ContentFile {
  /** In bytes; undefined if only the end will show it (a translated file, a file of /proc). */
  readonly size: number | undefined;
  /** Equal if the content is: device, inode, times and size, or an object's etag. Undefined: never share it. */
  readonly identity: string | undefined;
  /**
   * When `identity` begins to prove that, in milliseconds since the epoch; 0 if it always does. Timestamps tick:
   * a file written twice within one tick keeps its identity. What is read before this moment is shared only with
   * transfers that had the file open already, what is read after it also with later ones.
   */
  readonly settledFrom: number;
  /**
   * Fills `target` from `position` on, and resolves with how many bytes it got; fewer than asked only at the end.
   * Asynchronous, and never called again after `close`.
   */
  read(target: Uint8Array, position: number): Promise<number>;
  /**
   * Rejects with `FileChanged` if the content is not what it was when the file was opened. Absent if it cannot change,
   * or if `read` itself sees to that.
   */
  verify?(): Promise<void>;
  /**
   * The same at once, if this file can answer without waiting: true if the content is what it was. After false,
   * `verify` has the reason. What it saves is a turn of the event loop for each transfer of a small file.
   */
  verifyNow?(): boolean;
  /** Called once, and never while a read is under way; a `verify` may be. */
  close(): Promise<void>;
}

/** Consecutive DATA packets (RFC 1350 section 5), framed as they go on the wire, back to back. Never changes. */
export interface Chunk {
  /** Absolute number of its first block, from 1; the wire carries it modulo 65536. */
  readonly firstBlock: number;
  readonly blockCount: number;
  /** blockCount packets of 4 + blockSize bytes each; the very last one of a file is shorter. */
  readonly bytes: Uint8Array;
  /** Its last block is the last of the file. */
  readonly final: boolean;
}

/** One transfer's way to its blocks. */
export interface BlockReader {
  /** Number of the last block, as soon as it is known: at once, but in netascii only with the final chunk. */
  readonly lastBlock: number | undefined;
  /** The chunk that holds this block, if it is in memory. Also sees to it that the next chunk will be. */
  chunkWith(block: number): Chunk | undefined;
  /**
   * Brings the chunk with this block into memory, then calls back, with an error if that failed: `FileShrank`,
   * `FileChanged`, or what `ContentFile.read` rejected with. The last block is held back until the file has been
   * verified. `done` is never called before `load` returns; within it `chunkWith` finds the block.
   * @throws {RangeError} for a block before the first or after the last.
   */
  load(block: number, done: (error?: unknown) => void): void;
  /** Gives up everything, also a load under way (its `done` is not called any more). */
  close(): void;
}

/** Shared read-ahead: blocks of the same file, mode, block size and numbers are framed once for all transfers. */
export interface BlockCache {
  /** Takes the file over: the reader closes it. @param rollover What follows block 65535; default 0. */
  reader(file: ContentFile, blockSize: number, mode: TransferMode, rollover?: Rollover): BlockReader;
  /** Closes all readers, too. Resolves when their files are closed: not before a read that is under way has ended. */
  close(): Promise<void>;
}

/** The request cannot be served: the client gets an ERROR packet with the reason. */
export class Refused extends Error {
  readonly reason: RefusalReason;
  /** What the client gets to read; undefined: what belongs to the reason. */
  readonly text: string | undefined;

  constructor(reason: RefusalReason, options?: { cause?: unknown; text?: string | undefined }) {
    super(reason, options);
    this.name = "Refused";
    this.reason = reason;
    this.text = options?.text;
  }
}

/** The file holds less than it did when it was opened: what is left of it must not pass for the whole. */
export class FileShrank extends Error {
  constructor(size: number, end: number) {
    super(`the file shrank from ${size} to ${end} bytes while it was read`);
    this.name = "FileShrank";
  }
}

/** The file was written to since it was opened: parts of two versions must not pass for one file. */
export class FileChanged extends Error {
  constructor() {
    super("the file was written to while it was read");
    this.name = "FileChanged";
  }
}
