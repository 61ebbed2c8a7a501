import { type FetchPolicy, fetchPolicies } from "../../jumpstarter/fetch/fetch-policy.ts";
import type { Flags } from "../commands/flags.ts";
import { parseViewFlags, type ViewFlags } from "../serve/view/view-flags.ts";
import { UsageError } from "../usage-error.ts";

/** Offers drivers to Jumpstarter's clients. */
export interface ExportCommand extends ViewFlags {
  readonly name: "export";
  /** Jumpstarter's ExporterConfig. */
  readonly file: string;
  /** Without it the file's controller is connected to. */
  readonly listen?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly insecure: boolean;
  readonly passphraseFile?: string;
  /** Which URLs are fetched for clients. */
  readonly fetchUrls?: FetchPolicy;
}

/** Runs a command that may use the drivers. */
export interface ShellCommand {
  readonly name: "shell";
  readonly file: string;
  readonly command: readonly [string, ...string[]];
}

/** @throws {UsageError} */
export function parseExport(flags: Flags): ExportCommand {
  const [file, ...surplus] = flags.positionals;
  if (file === undefined) throw new UsageError("export: expected FILE, an ExporterConfig");
  if (surplus.length > 0) throw new UsageError(`export: expected one FILE, got also ${JSON.stringify(surplus[0])}`);
  const [listen, tlsCert, tlsKey] = [flags.text("listen"), flags.text("tls-cert"), flags.text("tls-key")];
  const fetchUrls = flags.text("fetch-urls");
  const [insecure, passphraseFile] = [flags.isSet("insecure"), flags.text("passphrase-file")];
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new UsageError("--tls-cert and --tls-key: expected both of them");
  }
  if (tlsCert !== undefined && insecure) throw new UsageError("--insecure and --tls-cert: expected only one of them");
  if (listen === undefined && (tlsCert !== undefined || insecure || passphraseFile !== undefined)) {
    throw new UsageError("--tls-cert, --insecure and --passphrase-file: expected --listen too");
  }
  return {
    name: "export",
    file,
    insecure,
    ...parseViewFlags(flags),
    ...(listen !== undefined && { listen }),
    ...(tlsCert !== undefined && { tlsCert }),
    ...(tlsKey !== undefined && { tlsKey }),
    ...(passphraseFile !== undefined && { passphraseFile }),
    ...(fetchUrls !== undefined && { fetchUrls: parsePolicy(fetchUrls) }),
  };
}

function parsePolicy(text: string): FetchPolicy {
  const policy = fetchPolicies.find((each) => each === text);
  if (policy !== undefined) return policy;
  throw new UsageError(`--fetch-urls: expected ${fetchPolicies.join(", ")}, got ${JSON.stringify(text)}`);
}

/** @throws {UsageError} */
export function parseShell({ positionals: [file, program, ...rest] }: Flags): ShellCommand {
  if (file === undefined || program === undefined) throw new UsageError("shell: expected FILE -- COMMAND");
  return { name: "shell", file, command: [program, ...rest] };
}
