import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import { plainOptionNames } from "../../contract/option-table.ts";
import type { TftpOptions } from "../../contract/options.ts";
import { resolveOptions } from "../../contract/resolve-options.ts";
import { showValue } from "../../contract/show-value.ts";
import { keyOf } from "../serve/file-keys.ts";
import { UsageError } from "../usage-error.ts";

/** What `export:` of an ExporterConfig holds, by name. */
export type ConfigEntry =
  | { readonly ref: string }
  | { readonly children: ConfigEntries; readonly description?: string }
  | {
      readonly tftp: TftpOptions;
      readonly description?: string;
      readonly methodsDescription?: Readonly<Record<string, string>>;
    };
export type ConfigEntries = Readonly<Record<string, ConfigEntry>>;

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
}

const TFTP = "jumpstarter_driver_tftp.driver.Tftp";
const COMPOSITE = "jumpstarter_driver_composite.driver.Composite";
const optionsByKey = new Map<string, string>(plainOptionNames.map((name) => [keyOf(name), name]));
/** If relative, these start at the directory of the file. */
const paths = new Set(["rootDir", "cacheDir", "journal"]);

type Fields = Readonly<Record<string, unknown>>;

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
    const file = fields(parse(text) as unknown, "the file");
    expectWord(file, "apiVersion", "jumpstarter.dev/v1alpha1");
    expectWord(file, "kind", "ExporterConfig");
    expectKnown(file, "", FILE_KEYS);
    const controller = readController(file, env);
    return {
      entries: readEntries(fields(file["export"] ?? {}, "export"), "export", dirname(path)),
      ...optionalText(file, "description"),
      ...(controller && { controller }),
    };
  } catch (error) {
    return complain((error as Error).message);
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
  if (file["hooks"] !== undefined && file["hooks"] !== null && Object.keys(fields(file["hooks"], "hooks")).length > 0) {
    throw new Error("hooks: expected none: hooks are not run");
  }
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

function readEntries(entries: Fields, place: string, directory: string): ConfigEntries {
  return Object.fromEntries(
    Object.entries(entries).map(([name, entry]) => [
      name,
      readEntry(fields(entry, `${place}.${name}`), `${place}.${name}`, directory),
    ]),
  );
}

function readEntry(entry: Fields, place: string, directory: string): ConfigEntry {
  if (entry["ref"] !== undefined) {
    expectKnown(entry, place, ["ref"]);
    return { ref: toText(entry["ref"], `${place}.ref`) };
  }
  expectKnown(entry, place, ["type", "description", "methods_description", "config", "children"]);
  const children = fields(entry["children"] ?? {}, `${place}.children`);
  const { type } = entry;
  if (type === undefined || type === COMPOSITE) {
    return { children: readEntries(children, `${place}.children`, directory), ...optionalText(entry, "description") };
  }
  if (type !== TFTP) {
    throw new Error(`${place}.type: unknown driver ${showValue(type)}; expected ${TFTP} or ${COMPOSITE}`);
  }
  if (Object.keys(children).length > 0) throw new Error(`${place}.children: expected none: the driver has its own`);
  const methods = Object.entries(fields(entry["methods_description"] ?? {}, `${place}.methods_description`));
  return {
    tftp: readOptions(fields(entry["config"] ?? {}, `${place}.config`), `${place}.config`, directory),
    methodsDescription: Object.fromEntries(methods.map(([name, words]) => [name, String(words)])),
    ...optionalText(entry, "description"),
  };
}

function readOptions(config: Fields, place: string, directory: string): TftpOptions {
  const options: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(config)) {
    const name = optionsByKey.get(key);
    if (name === undefined) {
      throw new Error(`${place}.${key}: unknown key; expected one of ${[...optionsByKey.keys()].join(", ")}`);
    }
    options[name] = paths.has(name) && typeof value === "string" && value !== "" ? resolve(directory, value) : value;
  }
  try {
    resolveOptions(options);
  } catch (error) {
    const { message } = error as Error;
    const [name = ""] = message.split(":", 1);
    throw new Error(`${place}.${keyOf(name)}${message.slice(name.length)}`, { cause: error });
  }
  return options;
}

function fields(value: unknown, place: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw new Error(`${place}: expected lines of the form key: value, got ${showValue(value)}`);
}

function toText(value: unknown, place: string, expected = "text", isSecret = false): string {
  if (typeof value === "string" && value !== "") return value;
  throw new Error(`${place}: expected ${expected}${isSecret ? "" : `, got ${showValue(value)}`}`);
}

function optionalText(value: Fields, name: string): { readonly description?: string } {
  const given = value[name];
  return given === undefined || given === null ? {} : { description: toText(given, name) };
}

function expectWord(file: Fields, key: string, expected: string): void {
  if (file[key] !== expected) throw new Error(`${key}: expected ${expected}, got ${showValue(file[key])}`);
}

function expectKnown(value: Fields, place: string, known: readonly string[]): void {
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const prefix = place === "" ? "" : `${place}.`;
  throw new Error(`${prefix}${unknown}: unknown key; expected one of ${known.join(", ")}`);
}
