import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Hooks } from "../../jumpstarter/hooks/hook-options.ts";
import { UsageError } from "../usage-error.ts";
import { yaml } from "../yaml.ts";
import { type ConfigEntries, readEntries } from "./config-entries.ts";
import { expectKnown, expectWord, type Fields, fields, optionalText, toText } from "./config-fields.ts";
import { readHooks } from "./config-hooks.ts";

/** How to reach the controller. */
export interface ControllerConfig {
  readonly endpoint: string;
  readonly token: string;
  readonly namespace: string;
  readonly name: string;
  /** As PEM. */
  readonly ca?: string;
  readonly insecure: boolean;
}

/** The content of Jumpstarter's ExporterConfig. */
export interface ExporterConfig {
  readonly description?: string;
  readonly entries: ConfigEntries;
  /** Undefined if the file names no endpoint: it is for local use. */
  readonly controller?: ControllerConfig;
  readonly hooks: Hooks;
}

/** @throws {UsageError} if the file cannot be read, or something in it is wrong; the message names the key. */
export async function readExporterConfig(path: string, env: NodeJS.ProcessEnv): Promise<ExporterConfig> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`export: ${error.message}`);
  });
  return parseExporterConfig(text, path, env);
}

/** @throws {UsageError} */
export function parseExporterConfig(text: string, path: string, env: NodeJS.ProcessEnv): ExporterConfig {
  const complain = (message: string): never => {
    throw new UsageError(`${path}: ${message}`);
  };
  try {
    const file = fields(yaml().parse(text) as unknown, "the file");
    expectWord(file, "apiVersion", "jumpstarter.dev/v1alpha1");
    expectWord(file, "kind", "ExporterConfig");
    expectKnown(file, "", FILE_KEYS);
    const controller = readController(file, env);
    return {
      entries: readEntries(fields(file["export"] ?? {}, "export"), "export", dirname(path)),
      hooks: readHooks(file["hooks"]),
      ...optionalText(file, "description"),
      ...(controller && { controller }),
    };
  } catch (error) {
    // The parser's other lines quote the file, which has the token.
    return complain((error as Error).message.replace(/:?\n.*/s, ""));
  }
}

const FILE_KEYS = [
  "apiVersion",
  "kind",
  "metadata",
  "endpoint",
  "token",
  "tls",
  "grpcOptions",
  "description",
  "export",
  "hooks",
  "failureDetection",
];

function readController(file: Fields, env: NodeJS.ProcessEnv): ControllerConfig | undefined {
  const { endpoint, token } = file;
  if (endpoint === undefined || endpoint === null || endpoint === "") return undefined;
  const metadata = fields(file["metadata"] ?? {}, "metadata");
  const tls = fields(file["tls"] ?? {}, "tls");
  const isSet = (name: string): boolean => ["1", "true"].includes(env[name] ?? "");
  return {
    endpoint: toText(endpoint, "endpoint"),
    token: toText(token, "token", "a token", true),
    namespace: toText(metadata["namespace"] ?? env["JMP_NAMESPACE"], "metadata.namespace"),
    name: toText(metadata["name"] ?? env["JMP_NAME"], "metadata.name"),
    insecure: tls["insecure"] === true || isSet("JMP_GRPC_INSECURE") || isSet("JUMPSTARTER_GRPC_INSECURE"),
    ...(tls["ca"] !== undefined &&
      tls["ca"] !== null &&
      tls["ca"] !== "" && { ca: Buffer.from(toText(tls["ca"], "tls.ca"), "base64").toString("utf8") }),
  };
}
