import { isIP, SocketAddress } from "node:net";
import { TftpError } from "../../contract/errors.ts";
import type { TransferEndedEvent } from "../../contract/events/events.ts";
import { type TransferOutcome, transferOutcomes } from "../../contract/events/outcomes.ts";
import { showValue } from "../../contract/text/show-value.ts";
import { compileGlob, hasPossibleParts } from "../../shared/glob/glob.ts";

/** Which transfers are meant. What is left out matches all. */
export interface TransferFilter {
  /**
   * A name as events have it, or a glob (as `addFile()` takes it), or a RegExp that is searched for in the name. Names
   * are relative to the root; a `/` in front of a string is passed over. Clients choose the names: a RegExp that goes
   * back and forth over them, such as /(a+)+$/, can block this thread.
   */
  readonly file?: string | RegExp | undefined;
  /** A numeric address. */
  readonly client?: string | undefined;
  /** One of them, or several. */
  readonly outcome?: TransferOutcome | readonly TransferOutcome[] | undefined;
}

/** A filter, checked and taken apart; undefined stands for "any". */
export interface TransferMatcher {
  readonly file: ((name: string) => boolean) | undefined;
  readonly client: ((address: string) => boolean) | undefined;
  readonly outcomes: readonly TransferOutcome[] | undefined;
  /** As in "no … has ended". */
  readonly description: string;
}

/** @throws {TftpError} INVALID_OPTION */
export function compileFilter(filter: TransferFilter): TransferMatcher {
  const { file, client, outcome, ...unknown } = filter;
  for (const name of Object.keys(unknown)) throw invalid(name, "file, client or outcome", "there is no such filter");
  const wanted = outcome === undefined ? undefined : [outcome].flat();
  for (const word of wanted ?? []) {
    if (!transferOutcomes.includes(word))
      throw invalid("outcome", transferOutcomes.join(", "), `got ${showValue(word)}`);
  }
  return {
    file: file === undefined ? undefined : fileMatcher(file),
    client: client === undefined ? undefined : clientMatcher(client),
    outcomes: wanted,
    description: describe(filter, wanted),
  };
}

export function matches(matcher: TransferMatcher, { file, client, outcome }: TransferEndedEvent): boolean {
  const same = (matcher.file?.(file) ?? true) && (matcher.client?.(client.address) ?? true);
  return same && (matcher.outcomes?.includes(outcome) ?? true);
}

function fileMatcher(file: string | RegExp): (name: string) => boolean {
  // `search` begins anew with each name, whatever the flags.
  if (file instanceof RegExp) return (name) => hasPossibleParts(name) && name.search(file) !== -1;
  if (typeof file !== "string" || file === "") throw invalid("file", "a glob or a RegExp", `got ${showValue(file)}`);
  const literal = file.replace(/^\/+/, "");
  const matchesGlob = globMatcher(literal);
  // Also a name that happens to look like a glob is a name.
  return (name) => name === literal || (hasPossibleParts(name) && matchesGlob(name));
}

function globMatcher(glob: string): (name: string) => boolean {
  try {
    return compileGlob(glob);
  } catch (error) {
    throw invalid("file", "a glob or a RegExp", `got ${showValue(glob)}; ${(error as Error).message}`);
  }
}

function clientMatcher(client: string): (address: string) => boolean {
  if (isIP(client) === 0) throw invalid("client", "a numeric address", `got ${showValue(client)}`);
  const wanted = canonical(client);
  return (address) => canonical(address) === wanted;
}

/** IPv6 addresses can be written in many ways. */
function canonical(address: string): string {
  if (isIP(address) !== 6) return address;
  const [bare = "", zone] = address.split("%");
  const { address: written } = new SocketAddress({ address: bare, family: "ipv6" });
  return zone === undefined ? written : `${written}%${zone}`;
}

function describe({ file, client }: TransferFilter, outcome: readonly TransferOutcome[] | undefined): string {
  const of = file === undefined ? "" : ` of ${String(file)}`;
  const to = client === undefined ? "" : ` to ${client}`;
  return `transfer${of}${to}${outcome ? ` as ${outcome.join(" or ")}` : ""}`;
}

function invalid(name: string, expected: string, got: string): TftpError {
  return new TftpError("INVALID_OPTION", `${name}: expected ${expected}; ${got}`);
}
