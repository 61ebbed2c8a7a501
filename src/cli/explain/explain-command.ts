import type { TransferMode } from "../../contract/events/events.ts";
import type { Flags } from "../commands/flags.ts";
import { refuseSurplus } from "../commands/values.ts";
import { UsageError } from "../usage-error.ts";

export interface ExplainCommand {
  readonly name: "explain";
  readonly file: string;
  readonly client: string;
  readonly mode?: TransferMode;
  /** What the client would ask for. */
  readonly options: Readonly<Record<string, string>>;
  /** The configuration file. */
  readonly config: string;
  readonly json: boolean;
}

/** @throws {UsageError} */
export function parseExplain(flags: Flags): ExplainCommand {
  const [file, ...surplus] = flags.positionals;
  if (file === undefined || file === "") throw new UsageError("explain: expected the name of a file");
  refuseSurplus(surplus, "explain: expected one name");
  const client = flags.text("client");
  const config = flags.text("config");
  if (client === undefined) throw new UsageError("explain: expected --client ADDRESS");
  if (config === undefined) throw new UsageError("explain: expected --config FILE");
  const mode = flags.text("mode");
  if (mode !== undefined && mode !== "octet" && mode !== "netascii") {
    throw new UsageError(`--mode: expected octet or netascii, got ${JSON.stringify(mode)}`);
  }
  const options = optionsOf(flags.list("option") ?? []);
  return { name: "explain", file, client, config, options, json: flags.isSet("json"), ...(mode && { mode }) };
}

function optionsOf(texts: readonly string[]): Record<string, string> {
  const pairs = texts.map((text) => {
    const [name = "", ...value] = text.split("=");
    if (name === "") throw new UsageError(`--option: expected NAME or NAME=VALUE, got ${JSON.stringify(text)}`);
    return [name, value.join("=")] as const;
  });
  return Object.fromEntries(pairs);
}
