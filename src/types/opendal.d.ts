/** The part of the optional peer dependency `opendal` (0.49) that is used here. Offsets and sizes must be BigInt. */
declare module "opendal" {
  export interface Metadata {
    isFile(): boolean;
    isDirectory(): boolean;
    readonly contentLength: bigint | null;
    readonly etag: string | null;
    /** ISO 8601, as precise as the service is. */
    readonly lastModified: string | null;
  }

  export interface Entry {
    /** Relative to the operator's root; a directory's ends in `/`. */
    path(): string;
    metadata(): Metadata;
  }

  export interface Capability {
    readonly readWithIfMatch: boolean;
    readonly write: boolean;
    readonly writeCanMulti: boolean;
    readonly createDir: boolean;
    readonly copy: boolean;
    readonly rename: boolean;
    readonly delete: boolean;
    readonly list: boolean;
  }

  export interface Writer {
    write(content: Uint8Array): Promise<void>;
    /** Only now the object is there. */
    close(): Promise<void>;
  }

  /** What a layer's `build` makes; opaque. */
  export interface BuiltLayer {
    readonly brand: unique symbol;
  }

  /** Unknown names in `options` are ignored. */
  export class Operator {
    constructor(scheme: string, options: Record<string, string>);
    capability(): Capability;
    layer(layer: BuiltLayer): Operator;
    check(): Promise<void>;
    stat(path: string): Promise<Metadata>;
    /** A range beyond the end is an error. */
    read(path: string, options: { offset: bigint; size: bigint; ifMatch?: string }): Promise<Buffer>;
    write(path: string, content: Uint8Array): Promise<Metadata>;
    writer(path: string, options: { chunk: bigint }): Promise<Writer>;
    list(path: string, options: { recursive: boolean }): Promise<Entry[]>;
    createDir(path: string): Promise<void>;
    copy(from: string, to: string): Promise<void>;
    rename(from: string, to: string): Promise<void>;
    delete(path: string): Promise<void>;
  }

  export class RetryLayer {
    set maxTimes(times: number);
    set factor(factor: number);
    set jitter(jitter: boolean);
    /** In milliseconds, as the next. */
    set minDelay(ms: number);
    set maxDelay(ms: number);
    build(): BuiltLayer;
  }

  export class TimeoutLayer {
    /** Of operations without content, in milliseconds. */
    set timeout(ms: number);
    /** Of each step of reading or writing, in milliseconds. */
    set ioTimeout(ms: number);
    build(): BuiltLayer;
  }
}
