/**
 * schema.json, the JSON Schema of the file for `tftp-driver serve --config`, made of the option table and of the
 * docstrings of its types. Draft 7: what the YAML extensions of editors know.
 */
import { entryKeys, entryTypes } from "../src/cli/serve/config/exporter-entry.ts";
import { FILES, fileOptions, keyOf, USER } from "../src/cli/serve/config/file-keys.ts";
import type { JsonSchema, OptionRule } from "../src/contract/options/option-rules.ts";
import { controllerOptions, serverOptions } from "../src/contract/options/option-table.ts";
import { readDocstrings } from "./options-doc.ts";

/** Where `serve` differs from the library. */
const ofServe: Readonly<Record<string, JsonSchema>> = {
  rootDir: {
    description: "The served directory. It must exist, or --create be given. If relative, it starts at this file's.",
  },
  host: {
    description: 'The numeric address to bind; "" means the default route\'s address. Without it: all addresses.',
    default: undefined,
  },
};

/** @param source The text of the option types, as `readOptionTypes` has it. */
export function configSchema(source: string): JsonSchema {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "The configuration file of tftp-driver serve",
    description: "Options of tftp-driver, or an entry of a Jumpstarter exporter, which has them under config.",
    // An empty file is one without options.
    type: ["object", "null"],
    if: { type: "object", required: ["type"] },
    // oxlint-disable-next-line no-thenable -- JSON Schema's word, and nothing that is awaited
    then: { $ref: "#/definitions/entry" },
    else: { $ref: "#/definitions/options" },
    definitions: { options: optionsSchema(source), entry: entrySchema() },
  };
}

function optionsSchema(source: string): JsonSchema {
  const docstrings = readDocstrings(source);
  const rules: Readonly<Record<string, OptionRule<unknown>>> = { ...serverOptions, ...controllerOptions };
  const properties = fileOptions.map((name) => {
    const { schema, fallback } = rules[name] as OptionRule<unknown>;
    const description = docstrings.get(name)?.text;
    if (description === undefined) throw new Error(`${name}: expected a docstring in src/contract/`);
    return [
      keyOf(name),
      { description, ...schema, ...(fallback !== undefined && { default: fallback }), ...ofServe[name] },
    ];
  });
  return {
    type: ["object", "null"],
    additionalProperties: false,
    properties: Object.fromEntries([...properties, files(), user()]),
  };
}

function files(): [string, JsonSchema] {
  const description = "Virtual files: names or globs, and their text.";
  return [FILES, { description, type: "object", additionalProperties: { type: "string" } }];
}

function user(): [string, JsonSchema] {
  const description = "NAME[:GROUP]: the user to become once the port is bound, for a start as root.";
  return [USER, { description, type: "string", minLength: 1 }];
}

function entrySchema(): JsonSchema {
  const descriptions: Readonly<Record<(typeof entryKeys)[number], JsonSchema>> = {
    type: { description: "The class of the driver.", enum: entryTypes },
    config: { $ref: "#/definitions/options" },
    description: { description: "For the exporter's users; serve does not read it." },
    methods_description: { description: "For the exporter's users; serve does not read it." },
    children: { description: "None: Tftp makes its only child, storage.", type: ["object", "null"], maxProperties: 0 },
  };
  return { type: "object", additionalProperties: false, required: ["type"], properties: descriptions };
}
