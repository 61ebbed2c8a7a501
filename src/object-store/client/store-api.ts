/** The calls that the store's process answers. Paths are keys, with `/` between their parts and none at the start. */
export interface StoreApi {
  capabilities(): Promise<StoreCapabilities>;
  /** Sends one small request to the store, to see whether it answers. */
  check(): Promise<void>;
  /** @throws {StoreError} "not-found", "forbidden", "failed", as every other call. */
  stat(path: string): Promise<ObjectStat>;
  /**
   * Reads part of an object, if it is still the one that `stat` described.
   * @throws {StoreError} "changed" if it is not.
   */
  read(path: string, stat: ObjectStat, offset: number, length: number): Promise<Uint8Array>;
  /** The entries under a directory (`""` is the root), without the directory itself. A directory's path ends in `/`. */
  list(path: string, recursive: boolean): Promise<ObjectEntry[]>;
  createDir(path: string): Promise<void>;
  copy(from: string, to: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Removes an object, or for a path that ends in `/` the mark of a directory. No error if there is none. */
  delete(path: string): Promise<void>;
  /** Begins an object, which readers see only once it is closed. Returns its number, valid on this connection. */
  openWriter(path: string): Promise<number>;
  write(writer: number, bytes: Uint8Array): Promise<void>;
  closeWriter(writer: number): Promise<void>;
  /** Discards an unfinished object. Readers never see any of it. */
  abortWriter(writer: number): Promise<void>;
}

/** The operations that the service behind the store supports. */
export interface StoreCapabilities {
  readonly scheme: string;
  readonly write: boolean;
  readonly list: boolean;
  readonly createDir: boolean;
  readonly copy: boolean;
  readonly rename: boolean;
  readonly delete: boolean;
}

export interface ObjectStat {
  readonly kind: "file" | "directory";
  /** In bytes. */
  readonly size: number;
  /** Quoted, as in HTTP. Absent if the service has none. */
  readonly etag?: string;
  /** ISO 8601, with the precision of the service. */
  readonly lastModified?: string;
}

export interface ObjectEntry extends ObjectStat {
  readonly path: string;
}

/** A call to the process; its answer has the same number. */
export interface StoreCall {
  readonly id: number;
  readonly name: keyof StoreApi;
  readonly args: readonly unknown[];
}

export type StoreAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: StoreFailure };

export interface StoreFailure {
  readonly kind: StoreErrorKind;
  readonly message: string;
}

export type StoreErrorKind = "not-found" | "forbidden" | "changed" | "unsupported" | "disconnected" | "failed";

/**
 * A call that the store refused or failed. The message names endpoint and key: it is for operators, not for clients.
 */
export class StoreError extends Error {
  readonly kind: StoreErrorKind;

  constructor(kind: StoreErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "StoreError";
    this.kind = kind;
  }
}

/** The first line that the process reads: its configuration, and the socket to listen on. */
export interface StoreProcessConfig {
  /** The path of the socket, or the name of the pipe. */
  readonly socket: string;
  /** The directory that holds only the socket; the process that ends last removes it. */
  readonly directory?: string;
  readonly scheme: string;
  readonly config: Readonly<Record<string, string>>;
  /** How long one request to the service may take, in ms. */
  readonly timeoutMs: number;
}

/** The only line that the process writes: that it listens, or why it cannot. */
export type StoreReport = { readonly ready: true } | { readonly ready: false; readonly reason: string };
