import type { ErrorInfo } from "./errors.ts";
import type { Endpoint, TransferMode } from "./events.ts";

/** A read request, as a handler of virtual files sees it. */
export interface FileRequest {
  /** Without `/` at its start; bytes that are not printable UTF-8 stand as `\xNN`. */
  readonly file: string;
  readonly client: Endpoint;
  /** Where the request was sent to. */
  readonly local: Endpoint;
  readonly mode: TransferMode;
  /** What the client asks for besides, names in lower case, values as sent. */
  readonly options: Readonly<Record<string, string>>;
}

/** The content of a virtual file. A relative path starts at the root; what it leads to may be anywhere. */
export type VirtualContent = string | Uint8Array | { readonly path: string };

/** One line of the list: what matches `pattern`, a glob or a RegExp, is provided by main, unless it is here. */
export interface VirtualRule {
  readonly id: number;
  readonly pattern: string | RegExp;
  /** Of a file that is always the same. */
  readonly content?: PlainContent;
}

/** Content as it crosses the thread boundary. */
export type PlainContent = { readonly bytes: Uint8Array } | { readonly path: string };

/**
 * What a handler answered: content, that there is no such file, that other rules may know of it, or that it failed. Or
 * that it was not called, because the time for an answer was over before main came to the question.
 */
export type HandlerAnswer = PlainContent | "not-found" | "not-mine" | "too-late" | { readonly failure: ErrorInfo };
