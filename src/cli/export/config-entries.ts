import { resolve } from "node:path";
import { plainOptionNames } from "../../contract/options/option-table.ts";
import type { TftpOptions } from "../../contract/options/options.ts";
import { parsePorts } from "../../contract/options/ports.ts";
import { resolveOptions } from "../../contract/options/resolve-options.ts";
import { showValue } from "../../contract/text/show-value.ts";
import { keyOf } from "../serve/config/file-keys.ts";
import { expectKnown, type Fields, fields, optionalText, toText } from "./config-fields.ts";

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

const TFTP = "jumpstarter_driver_tftp.driver.Tftp";
const COMPOSITE = "jumpstarter_driver_composite.driver.Composite";
const optionsByKey = new Map<string, string>(plainOptionNames.map((name) => [keyOf(name), name]));
/** If relative, these start at the directory of the file. */
const paths = new Set(["rootDir", "cacheDir", "journal"]);

/** @throws {Error} naming the key. */
export function readEntries(entries: Fields, place: string, directory: string): ConfigEntries {
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
  if (typeof options["ports"] === "string") options["ports"] = parsePorts(options["ports"]);
  try {
    resolveOptions(options);
  } catch (error) {
    const { message } = error as Error;
    const [name = ""] = message.split(":", 1);
    throw new Error(`${place}.${keyOf(name)}${message.slice(name.length)}`, { cause: error });
  }
  return options;
}
