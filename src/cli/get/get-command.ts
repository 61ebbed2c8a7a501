import { check, integer, type OptionRule } from "../../contract/options/option-rules.ts";
import type { Flags } from "../commands/flags.ts";
import { refuseSurplus, wholeNumber } from "../commands/values.ts";
import { UsageError } from "../usage-error.ts";
import { parseTftpUrl, type TftpUrl } from "./tftp-url.ts";

export interface GetCommand {
  readonly name: "get";
  readonly url: TftpUrl;
  /** "-" is stdout. */
  readonly out: string;
  /** To ask for, in bytes (RFC 2348). */
  readonly blockSize?: number;
  /** To ask for, in blocks (RFC 7440). */
  readonly windowSize?: number;
  /** In seconds (RFC 2349). */
  readonly timeout?: number;
}

/** The ranges of RFC 2348, 7440 and 2349. The fallbacks are not used. */
const blksize = integer(1_428, 8, 65_464);
const windowsize = integer(16, 1, 65_535);
const timeout = integer(1, 1, 255);

/**
 * @throws {UsageError}
 * @throws {TftpError} INVALID_OPTION
 */
export function parseGet(flags: Flags): GetCommand {
  const [text, ...surplus] = flags.positionals;
  if (text === undefined) throw new UsageError("get: expected tftp://HOST[:PORT]/FILE");
  refuseSurplus(surplus, "get: expected one URL");
  const url = parseTftpUrl(text);
  return {
    name: "get",
    url,
    out: parseOutput(flags.text("output") ?? baseName(url.file)),
    ...numberOf(flags, "blksize", "blockSize", blksize),
    ...numberOf(flags, "windowsize", "windowSize", windowsize),
    ...numberOf(flags, "timeout", "timeout", timeout),
  };
}

function numberOf(
  flags: Flags,
  option: string,
  name: "blockSize" | "windowSize" | "timeout",
  rule: OptionRule<number>,
): Partial<GetCommand> {
  const text = flags.text(option);
  return text === undefined ? {} : { [name]: check(`--${option}`, wholeNumber(text), rule) };
}

function parseOutput(out: string): string {
  if (out !== "") return out;
  throw new UsageError("-o: expected a file name, or - for stdout");
}

function baseName(file: string): string {
  const name = file.split("/").at(-1) as string;
  if (/^(\.{0,2}|-)$/.test(name))
    throw new UsageError(`get: ${JSON.stringify(file)} has no base name; name the output with -o OUT`);
  return name;
}
