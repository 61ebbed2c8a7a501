import { isIP } from "node:net";
import { TftpError } from "../contract/errors.ts";
import type { TransferMode } from "../contract/events/events.ts";
import type { ExplainedRequest, Explanation } from "../contract/rules/explanation.ts";
import type { ResolvedOptions } from "../contract/options/options.ts";
import { showValue } from "../contract/text/show-value.ts";
import { type SpawnerDependencies, ThreadSpawner } from "./server/thread/thread-spawner.ts";

export interface ExplainOptions {
  /** The client that would ask: a numeric address. */
  readonly client: string;
  /** @default "octet" */
  readonly mode?: TransferMode | undefined;
  /**
   * The options that the client would ask for (RFC 2347), such as `{ blksize: "1456" }`.
   * @default {}
   */
  readonly options?: Readonly<Record<string, string>> | undefined;
}

/** @throws {TftpError} INVALID_OPTION */
export function checkExplained(name: unknown, { client, mode = "octet", options }: ExplainOptions): ExplainedRequest {
  if (typeof name !== "string" || name === "") throw invalid("name", "the name of a file", name);
  if (typeof client !== "string" || isIP(client) === 0) throw invalid("client", "a numeric address", client);
  if (mode !== "octet" && mode !== "netascii") throw invalid("mode", '"octet" or "netascii"', mode);
  return { name, client, mode, ...(options !== undefined && { options: checkAsked(options) }) };
}

function checkAsked(options: Readonly<Record<string, string>>): Record<string, string> {
  if (typeof options !== "object" || options === null) throw invalid("options", "an object", options);
  const asked = Object.entries(options);
  for (const [name, value] of asked) if (typeof value !== "string") throw invalid(`options.${name}`, "a text", value);
  return Object.fromEntries(asked.map(([name, value]) => [name.toLowerCase(), value]));
}

/** Asks a thread of its own, which serves nothing. */
export async function explainApart(
  request: ExplainedRequest,
  { server, controller }: ResolvedOptions,
  dependencies: Pick<SpawnerDependencies, "virtualFiles" | "openStore">,
): Promise<Explanation> {
  const apart = { ...dependencies, emit: () => {}, lifetimeCounters: { begin: () => {}, update: () => {} } };
  const thread = new ThreadSpawner(apart).spawn(controller);
  try {
    return await thread.call("explain", request, server);
  } finally {
    await thread.abandon(new TftpError("ABORTED", "explain: it was answered"));
  }
}

function invalid(name: string, expected: string, value: unknown): TftpError {
  return new TftpError("INVALID_OPTION", `${name}: expected ${expected}, got ${showValue(value)}`);
}
