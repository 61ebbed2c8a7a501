import type { TransferMode } from "../events/events.ts";
import type { ProfileName } from "./profile-names.ts";

/**
 * What is done with the requests that it matches. All conditions of a rule must hold; without any it matches all
 * requests.
 */
export interface Rule {
  /**
   * The names: a glob, as `addFile()` takes it, without `/` at its start. Each of its wildcards is a capture: `{1}`,
   * `{2}`, … in `to`.
   */
  readonly match?: string | undefined;
  /** The clients: an address, a CIDR range, or several of them. */
  readonly client?: string | readonly string[] | undefined;
  readonly mode?: TransferMode | undefined;
  /**
   * The options that the client asks for (RFC 2347): all of them, each a name (`msftwindow`), or a name and the value as
   * it is sent (`blksize=1456`).
   */
  readonly options?: string | readonly string[] | undefined;
  /**
   * The name to serve instead, or several, of which the first that exists is served. `{name}` is the name asked for,
   * `{client}` the client's address, `{mac}` its hardware address (`52-54-00-12-34-56`), `{1}` a capture. A rule that
   * needs `{mac}` does not match a client whose hardware address is unknown.
   */
  readonly to?: string | readonly string[] | undefined;
  /** A tftpd-hpa map file that makes the name to serve: its path, or its text. */
  readonly tftpdHpaMap?: string | MapText | undefined;
  /**
   * The directory to serve from, or several, which are looked into in turn. A relative one starts at `rootDir`. May hold
   * `{client}` and `{mac}`.
   */
  readonly root?: string | readonly string[] | undefined;
  /** Refuses the request: the client gets ERROR 2 with this text. */
  readonly deny?: string | undefined;
  /** Whether the letters A to Z match those of the other case, in `match` and in the names of files. */
  readonly caseInsensitive?: boolean | undefined;
  /**
   * The name ends before the first of these texts, which is cut off before the rule is matched. Bytes that are not
   * printable UTF-8 are written `\xNN`, as events show them.
   */
  readonly cutAt?: string | readonly string[] | undefined;
  /** Whether a directory of eight hexadecimal digits in front, a serial number, is left out if the file is not there. */
  readonly serialFallback?: boolean | undefined;
  /** What clients of one kind need, by name. What the rule says itself holds. */
  readonly profile?: ProfileName | undefined;
}

/** The text of a map file, and the name that errors give to it. */
export interface MapText {
  readonly text: string;
  readonly file?: string | undefined;
}

/** Rules in their order, or the only one. */
export type RuleList = Rule | readonly Rule[];

/** The rules in their order. */
export function rulesOf(rules: RuleList): readonly Rule[] {
  return isList(rules) ? rules : [rules];
}

/** One value or several, as a list. */
export function listOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === "string" ? [value] : value;
}

function isList(rules: RuleList): rules is readonly Rule[] {
  return Array.isArray(rules);
}
