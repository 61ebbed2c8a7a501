import type { TransferMode } from "../events/events.ts";
import type { RefusalReason } from "../events/outcomes.ts";

/** A request that might be sent. */
export interface ExplainedRequest {
  readonly name: string;
  /** A numeric address. */
  readonly client: string;
  readonly mode: TransferMode;
  /** The options that the client would ask for (RFC 2347), names in lower case. Absent: none. */
  readonly options?: Readonly<Record<string, string>>;
}

/** A place where a file was looked for, or the directory of a rule that is not there to look into. */
export interface LookupStep {
  /** A path of the server's, the key of an object, or the name of a virtual file. */
  readonly place: string;
  readonly kind: "file" | "object" | "virtual" | "handler" | "directory";
  readonly result: "found" | RefusalReason;
}

/** What a request would lead to. */
export interface Explanation extends ExplainedRequest {
  /** The rule that would be applied: its place in the option `rules`, from 0. Absent: none. */
  readonly rule?: number;
  /** The name that the rule makes of the one that is asked for, if it is another one. */
  readonly served?: string;
  /** Where the file was looked for, in order. */
  readonly tried: readonly LookupStep[];
  /**
   * A "file" or an "object" is served, or a "virtual" file; a "handler" decides, which is not called for this; the
   * request is "refused"; or "dropped", because `allow` and `deny` keep the client out.
   */
  readonly outcome: "file" | "object" | "virtual" | "handler" | "refused" | "dropped";
  /** Of what is served: its place. */
  readonly place?: string;
  /** In bytes; absent if only reading would show it. */
  readonly size?: number;
  /** Of a refusal: why, and the ERROR that the client would get. */
  readonly reason?: RefusalReason;
  readonly error?: { readonly code: number; readonly text: string };
}
