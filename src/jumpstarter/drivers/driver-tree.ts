import { randomUUID } from "node:crypto";
import { TftpError } from "../../contract/errors.ts";
import { showValue } from "../../contract/text/show-value.ts";
import { Driver } from "../../main/driver.ts";
import type { DriverReport } from "../wire/messages.ts";
import type { DriverExport } from "./driver-export.ts";
import { exportOf } from "./export-of.ts";
import {
  type Alias,
  type Composite,
  type DescribedDriver,
  type DriverSource,
  type ExportedDrivers,
  type ExportEntry,
  type ExportRoot,
  isDriverSource,
} from "./export-tree.ts";

const COMPOSITE = "jumpstarter_driver_composite.client.CompositeClient";
const MAX_DEPTH = 32;

interface Node {
  readonly uuid: string;
  readonly clientClass: string;
  readonly description: string | undefined;
  readonly methodsDescription: Readonly<Record<string, string>>;
  readonly exported: DriverExport | undefined;
  readonly children: Map<string, Node>;
}

/** The drivers of one session, each with a uuid of its own, and what clients may call of them. */
export class DriverTree {
  readonly reports: readonly DriverReport[];
  readonly #byUuid = new Map<string, DriverExport>();
  readonly #drivers: readonly Driver[];
  /** Those that were made for this tree. */
  readonly #made: readonly Driver[];

  /** @throws {TftpError} INVALID_OPTION if something in it cannot be exported. */
  constructor(root: ExportRoot, description?: string) {
    const builder = new Builder();
    const node = builder.root(root, description);
    this.reports = reportsOf(node);
    this.#drivers = builder.drivers;
    this.#made = builder.made;
    for (const each of builder.nodes) if (each.exported) this.#byUuid.set(each.uuid, each.exported);
  }

  /** The drivers themselves, parents before their children. */
  get drivers(): readonly Driver[] {
    return this.#drivers;
  }

  find(uuid: string): DriverExport | undefined {
    return this.#byUuid.get(uuid);
  }

  has(uuid: string): boolean {
    return this.reports.some((report) => report.uuid === uuid);
  }

  /**
   * Gives up what clients have open, then closes the drivers that were made for this tree.
   * @throws {Error} what closing them failed with.
   */
  async close(): Promise<void> {
    await Promise.all([...this.#byUuid.values()].map((exported) => exported.release()));
    const ended = await Promise.allSettled(this.#made.map((driver) => driver.close()));
    const failed = ended.find((each) => each.status === "rejected");
    if (failed) throw failed.reason as Error;
  }
}

class Builder {
  readonly nodes: Node[] = [];
  readonly drivers: Driver[] = [];
  readonly made: Driver[] = [];

  root(root: ExportRoot, description: string | undefined): Node {
    try {
      if (isDriverSource(root)) return this.#driver({ driver: root, description });
      const node = this.#node(COMPOSITE, undefined, description, {});
      const aliases: [Node, string, string][] = [];
      this.#add(node, root, aliases, 0);
      // Last: they may mean what comes after them.
      for (const [parent, name, ref] of aliases) parent.children.set(name, resolve(node, ref));
      return node;
    } catch (error) {
      for (const driver of this.made) driver.close().catch(() => {});
      throw error;
    }
  }

  #add(parent: Node, entries: ExportedDrivers, aliases: [Node, string, string][], depth: number): void {
    if (depth > MAX_DEPTH) throw invalid(`expected drivers that are nested at most ${MAX_DEPTH} deep`);
    for (const [name, entry] of Object.entries(entries)) {
      if (isAlias(entry)) {
        aliases.push([parent, name, entry.ref]);
        continue;
      }
      if (isComposite(entry)) {
        const node = this.#node(COMPOSITE, undefined, entry.description, {});
        parent.children.set(name, node);
        this.#add(node, entry.children, aliases, depth + 1);
        continue;
      }
      parent.children.set(name, this.#driver(isDriverSource(entry) ? { driver: entry } : described(name, entry)));
    }
  }

  #driver({ driver: source, description, methodsDescription = {} }: DescribedDriver): Node {
    const driver = source instanceof Driver ? source : this.#make(source);
    return this.#walk(driver, description, methodsDescription);
  }

  #make(source: () => Driver): Driver {
    const driver = source();
    if (!(driver instanceof Driver))
      throw invalid(`expected a function that returns a driver, got ${showValue(driver)}`);
    this.made.push(driver);
    return driver;
  }

  #walk(driver: Driver, description?: string, methodsDescription: Readonly<Record<string, string>> = {}): Node {
    this.drivers.push(driver);
    const exported = exportOf(driver);
    const node = this.#node(exported.clientClass, exported, description, methodsDescription);
    for (const [name, child] of driver.children) node.children.set(name, this.#walk(child));
    return node;
  }

  #node(
    clientClass: string,
    exported: DriverExport | undefined,
    description: string | undefined,
    methodsDescription: Readonly<Record<string, string>>,
  ): Node {
    const node = { uuid: randomUUID(), clientClass, description, methodsDescription, exported, children: new Map() };
    this.nodes.push(node);
    return node;
  }
}

/** Depth first, each parent before its children. What has two names is reported twice, as the same driver. */
function reportsOf(root: Node): DriverReport[] {
  const reports: DriverReport[] = [];
  const walk = (node: Node, name: string | undefined, parent: Node | undefined, depth: number): void => {
    if (depth > MAX_DEPTH) throw invalid("a ref leads back to what contains it");
    reports.push({
      uuid: node.uuid,
      parentUuid: parent?.uuid,
      labels: {
        "jumpstarter.dev/client": node.clientClass,
        ...(name !== undefined && { "jumpstarter.dev/name": name }),
      },
      description: node.description,
      methodsDescription: node.methodsDescription,
    });
    for (const [childName, child] of node.children) walk(child, childName, node, depth + 1);
  };
  walk(root, undefined, undefined, 0);
  return reports;
}

function resolve(root: Node, ref: string): Node {
  let node = root;
  for (const name of ref.split(".")) {
    const child = node.children.get(name);
    if (!child) throw invalid(`ref: expected the name of a driver, got ${showValue(ref)}`);
    node = child;
  }
  return node;
}

function isAlias(entry: ExportEntry): entry is Alias {
  return typeof entry === "object" && entry !== null && typeof (entry as Partial<Alias>).ref === "string";
}

function isComposite(entry: ExportEntry): entry is Composite {
  if (isDriverSource(entry)) return false;
  const { children } = (entry ?? {}) as Partial<Composite>;
  return typeof children === "object" && children !== null;
}

function described(name: string, entry: ExportEntry): DescribedDriver {
  const { driver } = (entry ?? {}) as { readonly driver?: DriverSource };
  if (isDriverSource(driver)) return entry as DescribedDriver;
  throw invalid(`${name}: expected a driver, a function that makes one, or an object with driver, children or ref`);
}

function invalid(message: string): TftpError {
  return new TftpError("INVALID_OPTION", `drivers: ${message}`);
}
