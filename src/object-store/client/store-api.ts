/** What the store's process can be asked. Paths are keys, `/` between their parts, none at the start. */
export interface StoreApi {
  capabilities(): Promise<StoreCapabilities>;
  /** One small request to the store that tells whether it answers. */
  check(): Promise<void>;
  /** @throws {StoreError} "not-found", "forbidden", "failed"; so do all of them. */
  stat(path: string): Promise<ObjectStat>;
  /**
   * Part of an object, if it still is the one that `stat` described.
   * @throws {StoreError} "changed" where it is not.
   */
  read(path: string, stat: ObjectStat, offset: number, length: number): Promise<Uint8Array>;
  /** What lies under the directory (`""` is the root), not the directory itself; a directory's path ends in `/`. */
  list(path: string, recursive: boolean): Promise<ObjectEntry[]>;
  createDir(path: string): Promise<void>;
  copy(from: string, to: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Removes an object; for a path that ends in `/` the mark of a directory. Silent where there is none. */
  delete(path: string): Promise<void>;
  /** Begins an object; readers see it only once it is closed. Returns its number, good for this connection. */
  openWriter(path: string): Promise<number>;
  write(writer: number, bytes: Uint8Array): Promise<void>;
  closeWriter(writer: number): Promise<void>;
  /** Gives an unfinished object up. Nothing of it will be seen. */
  abortWriter(writer: number): Promise<void>;
}

/** What the service behind the store can do. */
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
  /** Quoted, as in HTTP. Absent where the service knows none. */
  readonly etag?: string;
  /** ISO 8601, as precise as the service is. */
  readonly lastModified?: string;
}

export interface ObjectEntry extends ObjectStat {
  readonly path: string;
}

/** One call, as it goes to the process; its answer bears the same number. */
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

/** What the store refused, or failed to do. The message names endpoint and key: it is for operators, not for clients. */
export class StoreError extends Error {
  readonly kind: StoreErrorKind;

  constructor(kind: StoreErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "StoreError";
    this.kind = kind;
  }
}

/** The first line that the process reads: what to serve, and where. */
export interface StoreProcessConfig {
  /** Path of the socket, or name of the pipe, to listen on. */
  readonly socket: string;
  /** The directory that holds the socket, and nothing else; whoever goes last removes it. */
  readonly directory?: string;
  readonly scheme: string;
  readonly config: Readonly<Record<string, string>>;
  /** How long one request to the service may take, in ms. */
  readonly timeoutMs: number;
}

/** The one line that it writes: it serves, or why it cannot. */
export type StoreReport = { readonly ready: true } | { readonly ready: false; readonly reason: string };
