import type { ErrorInfo } from "../errors.ts";
import type { TransferMode } from "../events/events.ts";
import type { Endpoint } from "../endpoint.ts";

/** A read request, as a handler of virtual files sees it. */
export interface FileRequest {
  /** Without `/` at its start; bytes that are not printable UTF-8 stand as `\xNN`. */
  readonly file: string;
  readonly client: Endpoint;
  /** The endpoint that the request was sent to. */
  readonly local: Endpoint;
  readonly mode: TransferMode;
  /** The options that the client asks for (RFC 2347), names in lower case, values as sent. */
  readonly options: Readonly<Record<string, string>>;
}

/** The content of a virtual file. A relative path starts at the root; what it leads to may be anywhere. */
export type VirtualContent = string | Uint8Array | { readonly path: string };

/** One rule of the list, for names that match `pattern`, a glob or a RegExp. Without `content` main is asked. */
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
