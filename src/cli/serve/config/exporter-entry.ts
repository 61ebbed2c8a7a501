import type { ParsedNode, YAMLMap } from "yaml";
import { yaml } from "../../yaml.ts";

/** As Jumpstarter's package has it, and as its example writes it. */
export const entryTypes = ["jumpstarter_driver_tftp.driver.Tftp", "jumpstarter_driver_tftp.driver.TftpServer"] as const;
/** The keys of an entry. `children` must be empty: the only one that Tftp has, storage, is made by Tftp itself. */
export const entryKeys = ["type", "config", "description", "methods_description", "children"] as const;

type Pairs = YAMLMap<ParsedNode, ParsedNode | null>;
type Complain = (offset: number, message: string) => never;

/** Whether these are the keys of a Jumpstarter exporter entry. */
export function isExporterEntry({ items }: Pairs): boolean {
  return items.some(({ key }) => wordOf(key) === "type");
}

/** The options in an entry; undefined if it has none. */
export function optionsOfEntry({ items }: Pairs, complain: Complain): Pairs | undefined {
  let config: Pairs | undefined;
  for (const { key, value } of items) {
    const [offset] = key.range;
    const word = wordOf(key);
    if (!(entryKeys as readonly string[]).includes(word)) {
      return complain(offset, `${word}: expected under config, for this is an exporter entry: it has a type`);
    }
    if (word === "type") assertType(value, offset, complain);
    if (word === "children" && !isEmpty(value)) return complain(offset, "children: expected none in an entry of Tftp");
    if (word !== "config" || isEmpty(value)) continue;
    if (!isPairs(value)) return complain(offset, "config: expected lines of the form key: value");
    config = value;
  }
  return config;
}

function assertType(value: ParsedNode | null, offset: number, complain: Complain): void {
  const type = yaml().isScalar(value) ? value.value : undefined;
  if ((entryTypes as readonly unknown[]).includes(type)) return;
  complain(offset, `type: expected ${entryTypes[0]}, got ${JSON.stringify(type)}`);
}

/** Nothing, null, or a map without anything in it. */
function isEmpty(value: ParsedNode | null): boolean {
  if (value === null || (yaml().isScalar(value) && value.value === null)) return true;
  return isPairs(value) && value.items.length === 0;
}

function isPairs(value: ParsedNode | null): value is Pairs & ParsedNode {
  return yaml().isMap(value);
}

function wordOf(key: ParsedNode): string {
  return yaml().isScalar(key) ? String(key.value) : key.toString();
}
