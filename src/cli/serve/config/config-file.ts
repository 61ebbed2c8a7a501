import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Document, ParsedNode, YAMLMap } from "yaml";
import { TftpError } from "../../../contract/errors.ts";
import type { ResolvedOptions, TftpOptions } from "../../../contract/options/options.ts";
import { formatPorts, parsePorts } from "../../../contract/options/ports.ts";
import { resolveOptions } from "../../../contract/options/resolve-options.ts";
import { type Rule, rulesOf } from "../../../contract/rules/rules.ts";
import { didYouMean } from "../../commands/did-you-mean.ts";
import { isExporterEntry, optionsOfEntry } from "./exporter-entry.ts";
import { fileOptions, FILES, keyOf, nameOf, USER } from "./file-keys.ts";
import { hideSecrets } from "./hide-secrets.ts";
import { prepareRules } from "../../../main/rules.ts";
import type { FileEntry } from "./plain-entry.ts";
import { joinFiles, readPlainFiles } from "./plain-files.ts";
import { UsageError } from "../../usage-error.ts";
import { yaml } from "../../yaml.ts";

/** The content of a configuration file. */
export interface Settings {
  readonly options: TftpOptions;
  /** Virtual files: names or globs, as `Tftp.addFile` takes them, and their text. */
  readonly files: Readonly<Record<string, string>>;
  /** Whom to become once the port is bound: NAME[:GROUP]. */
  readonly user?: string;
}

/** The options by their keys in a file. */
const optionsByKey = new Map(fileOptions.map((name) => [keyOf(name), name]));
/** If relative, these start at the directory of the file. */
const paths = ["rootDir", "cacheDir", "journal"] as const;

/** @throws {UsageError} if the file cannot be read, or, with file and line, if something in it is wrong. */
export async function readConfigFile(path: string): Promise<Settings> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`--config: ${error.message}`);
  });
  return parseConfig(text, path);
}

/** @throws {UsageError} */
export function parseConfig(text: string, path: string): Settings {
  const { files, ...rest } = withPlainFiles(text, path) ?? parseYaml(text, path);
  return { ...rest, files: Object.fromEntries(files) };
}

interface ParsedSettings extends Pick<Settings, "options" | "user"> {
  readonly files: readonly FileEntry[];
}

/** The quick way for many files; undefined if it is not for this text, or if something in it is wrong. */
function withPlainFiles(text: string, path: string): ParsedSettings | undefined {
  const plain = readPlainFiles(text);
  if (!plain) return undefined;
  try {
    const { files: others, ...rest } = parseYaml(plain.rest, path);
    const files = joinFiles(plain, others);
    return files && { ...rest, files };
  } catch {
    return undefined;
  }
}

function parseYaml(text: string, path: string): ParsedSettings {
  const lines = new (yaml().LineCounter)();
  const complain = (offset: number, message: string): never => {
    throw new UsageError(`${path}:${lines.linePos(offset).line}: ${message}`);
  };
  const document = yaml().parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    // The package compares each key with all others; here they are compared below.
    uniqueKeys: false,
    // Keys that are lists, for one, are wrong here anyway.
    logLevel: "error",
  });
  const [error] = document.errors;
  if (error) return complain(error.pos[0], error.message);
  const { contents } = document;
  if (contents === null || (yaml().isScalar(contents) && contents.value === null)) return { options: {}, files: [] };
  if (!isPairs(contents)) return complain(contents.range[0], "expected lines of the form key: value");
  assertUnique(contents, complain);
  const pairs = isExporterEntry(contents) ? optionsOfEntry(contents, complain) : contents;
  if (!pairs) return { options: {}, files: [] };
  const options: Record<string, unknown> = {};
  const offsets = new Map<string, number>();
  let files: readonly FileEntry[] = [];
  let user: string | undefined;
  for (const { key, value } of pairs.items) {
    const word = yaml().isScalar(key) ? String(key.value) : key.toString();
    const name = optionsByKey.get(word);
    if (word === USER) {
      const given: unknown = yaml().isScalar(value) ? value.value : undefined;
      if (typeof given !== "string" || given === "") return complain(key.range[0], "user: expected NAME or NAME:GROUP");
      user = given;
      continue;
    }
    if (!name && word !== FILES) {
      const known = [...optionsByKey.keys(), FILES, USER];
      const hint = didYouMean(word, known) || `; expected one of ${known.join(", ")}`;
      return complain(key.range[0], `${word}: unknown key${hint}`);
    }
    if (name) {
      options[name] = toValue(value, document, (message) => complain(key.range[0], `${word}: ${message}`));
      offsets.set(name, key.range[0]);
    } else {
      files = readFiles(value, key.range[0], complain);
    }
  }
  for (const name of paths) {
    const value = options[name];
    if (typeof value === "string" && value !== "") options[name] = resolve(dirname(path), value);
  }
  if ("rules" in options) options["rules"] = rulesOfFile(options["rules"], dirname(path));
  if (typeof options["ports"] === "string") options["ports"] = parsePorts(options["ports"]);
  try {
    const { server } = resolveOptions(options);
    prepareRules(server.rules, { hasSource: server.source !== undefined });
  } catch (thrown) {
    if (!(thrown instanceof TftpError)) return complain(0, "a value is nested too deeply");
    const { message } = thrown;
    const [place = ""] = message.split(":", 1);
    const [name = ""] = place.split(/[.[]/, 1);
    return complain(offsets.get(name) ?? 0, keyOf(place) + message.slice(place.length));
  }
  return { options, files, ...(user !== undefined && { user }) };
}

/** Rules with the keys of the library, and map files that start at the directory of the file if they are relative. */
function rulesOfFile(value: unknown, directory: string): unknown {
  if (Array.isArray(value)) return value.map((rule) => rulesOfFile(rule, directory));
  if (typeof value !== "object" || value === null) return value;
  const rule = Object.fromEntries(Object.entries(value).map(([key, each]) => [nameOf(key), each as unknown]));
  const map = rule["tftpdHpaMap"];
  return typeof map === "string" && map !== "" ? { ...rule, tftpdHpaMap: resolve(directory, map) } : rule;
}

type Complain = (offset: number, message: string) => never;

/** As a key occurs twice, one of them would be ignored. In this map, and in those within it. */
function assertUnique(node: YAMLMap<ParsedNode, ParsedNode | null>, complain: Complain): void {
  const keys = new Set<string>();
  for (const { key, value } of node.items) {
    const word = yaml().isScalar(key) ? String(key.value) : key.toString();
    if (keys.has(word)) return complain(key.range[0], `${word}: Map keys must be unique`);
    keys.add(word);
    if (isPairs(value)) assertUnique(value, complain);
  }
}

/** Aliases may stand for each other again and again (a "billion laughs"): the package counts them, and gives up. */
function toValue(value: ParsedNode | null, document: Document, complain: (message: string) => never): unknown {
  try {
    return value ? (value.toJS(document) as unknown) : null;
  } catch (error) {
    return complain((error as Error).message);
  }
}

function readFiles(node: ParsedNode | null, offset: number, complain: Complain): FileEntry[] {
  if (!isPairs(node)) return complain(offset, `${FILES}: expected names and their text`);
  return node.items.map(({ key, value }) => {
    const name = yaml().isScalar(key) ? String(key.value) : "";
    const text = yaml().isScalar(value) ? value.value : undefined;
    if (name === "") return complain(key.range[0], `${FILES}: expected the name of a file`);
    if (typeof text !== "string") return complain(key.range[0], `${FILES}: ${name}: expected text`);
    return [name, text] as const;
  });
}

function isPairs(node: ParsedNode | null) {
  return yaml().isMap<ParsedNode, ParsedNode | null>(node);
}

/** The options in effect, in the form of a configuration file, with secrets hidden. */
export function formatConfig(
  { server, controller }: ResolvedOptions,
  { files, user }: Pick<Settings, "files" | "user">,
): string {
  const source = server.source && hideSecrets(server.source);
  const ports = formatPorts(server.ports);
  const rules = rulesOf(server.rules).map(withFileKeys);
  const entries = Object.entries({ ...server, ports, source, rules, ...controller }).map(([name, value]) => [
    keyOf(name),
    value,
  ]);
  const named = user === undefined ? {} : { [USER]: user };
  return yaml().stringify({
    ...Object.fromEntries(entries),
    ...named,
    ...(Object.keys(files).length > 0 && { [FILES]: files }),
  });
}

/** A rule with the keys of a file. */
export function withFileKeys(rule: Rule): object {
  return Object.fromEntries(Object.entries(rule).map(([name, value]) => [keyOf(name), value as unknown]));
}
