import { join, resolve } from "node:path";
import type { LookupStep } from "../../../contract/explanation.ts";
import { withProfile } from "../../../contract/profiles.ts";
import { type RuleList, rulesOf } from "../../../contract/rules.ts";
import { MAX_PART } from "../../../shared/glob.ts";
import { type ContentFile, type ContentSource, type FileName, Refused, type RequestContext } from "../content.ts";
import { findIgnoringCase } from "../directory/ignoring-case.ts";
import { RootedDirectory } from "../directory/rooted-directory.ts";
import { parseFileName } from "../file-name.ts";
import { PacedGate } from "../paced-gate.ts";
import { toRefused } from "../refusal.ts";
import { CompiledRule, type RuleMatch, type TemplateValues } from "./compiled-rule.ts";
import { HardwareAddresses } from "./hardware-addresses.ts";
import { RuleDirectories } from "./rule-directories.ts";

/** Virtual files, asked for the name that a rule made. */
export interface VirtualLookup {
  find(name: FileName, request: RequestContext): Promise<ContentFile | undefined>;
}

export interface RuleSourceDependencies {
  /** What is served without a rule. */
  readonly stored: ContentSource;
  /** Relative directories of rules start here. */
  readonly rootDir: string;
  readonly openDirectory: (path: string) => Promise<RootedDirectory>;
  readonly hardwareAddresses?: HardwareAddresses;
}

/** A rule that holds for a request, and what it made of it. */
interface Applied {
  readonly rule: CompiledRule;
  readonly match: RuleMatch;
  readonly values: TemplateValues;
}

/** The stored files, behind the rules: the first rule that matches a request says which file is served. */
export class RuleSource implements ContentSource {
  /** Set once there are any. */
  virtual: VirtualLookup | undefined;
  readonly #stored: ContentSource;
  readonly #rootDir: string;
  readonly #directories: RuleDirectories;
  readonly #hardwareAddresses: HardwareAddresses;
  /** For map files: with a name that is made for it, one may run for long. */
  readonly #maps = new PacedGate();
  #rules: readonly CompiledRule[] = [];

  constructor({ stored, rootDir, openDirectory, hardwareAddresses }: RuleSourceDependencies) {
    this.#stored = stored;
    this.#rootDir = rootDir;
    this.#directories = new RuleDirectories(openDirectory);
    this.#hardwareAddresses = hardwareAddresses ?? new HardwareAddresses();
  }

  /** For requests from now on. */
  use(rules: RuleList): void {
    this.#rules = rulesOf(rules).map((rule, index) => new CompiledRule(withProfile(rule), index));
  }

  /** @throws {Refused} "denied-by-rule"; besides, as the stored source does. */
  open(name: FileName, request: RequestContext): Promise<ContentFile> {
    // What no file can be named needs not be matched, which a map's regular expression may take very long for.
    const isPossible = this.#rules.length > 0 && name.longestPart <= MAX_PART;
    return isPossible ? this.#open(name, request) : this.#openStored(name, request);
  }

  /** For a virtual file, of which rules make no other name. */
  async noteProfile(name: FileName, request: RequestContext): Promise<void> {
    const applied = this.#rules.length > 0 ? await this.#firstMatch(name, request) : undefined;
    if (!applied) return;
    const { index, rule } = applied.rule;
    if (rule.profile !== undefined) request.observer?.onRule?.({ rule: index, profile: rule.profile });
  }

  close(): Promise<void> {
    return this.#stored.close();
  }

  async #open(name: FileName, request: RequestContext): Promise<ContentFile> {
    const applied = await this.#firstMatch(name, request);
    if (applied === undefined) return await this.#openStored(name, request);
    const { rule } = applied;
    const { profile } = rule.rule;
    request.observer?.onRule?.({ rule: rule.index, profile });
    if (rule.rule.deny !== undefined) throw new Refused("denied-by-rule", { text: rule.rule.deny });
    const others = await this.#otherNames(name, applied, request.isWanted);
    for (const other of others ?? [name]) {
      // Each name costs a look into each directory.
      if (request.isWanted?.() === false) break;
      const isOther = other !== name;
      request.observer?.onRule?.({ rule: rule.index, profile, ...(isOther && { served: other.text }) });
      // oxlint-disable-next-line no-await-in-loop -- one is looked for if the one before is not there
      const file = await this.#find(other, applied, request, isOther);
      if (file) return file;
    }
    throw new Refused("not-found");
  }

  async #firstMatch(name: FileName, request: RequestContext): Promise<Applied | undefined> {
    const [client = ""] = request.client.address.split("%");
    for (const rule of this.#rules) {
      const match = rule.match(name, request);
      if (!match) continue;
      // oxlint-disable-next-line no-await-in-loop -- the first one that matches decides
      const mac = rule.needsMac ? await this.#hardwareAddresses.of(request.client.address) : "";
      if (mac !== undefined) return { rule, match, values: { client, mac } };
    }
    return undefined;
  }

  /**
   * What a rule made of the name, checked as a name from the network; undefined: the name is as it was.
   * @throws {Refused}
   */
  async #otherNames(
    name: FileName,
    { rule, match, values }: Applied,
    isWanted: RequestContext["isWanted"],
  ): Promise<readonly FileName[] | undefined> {
    const run = (): ReturnType<CompiledRule["runMap"]> => attempt(() => rule.runMap(name, match, values));
    const mapped = rule.hasMap ? await this.#maps.through(run, isWanted) : undefined;
    if (mapped && "refused" in mapped) throw new Refused("denied-by-rule", { text: mapped.refused });
    const names = mapped ? [this.#withoutRoot(mapped)] : rule.names(name, match, values);
    const others = names?.flatMap((bytes) => {
      const parsed = parseFileName(bytes);
      return parsed.alternative ? [parsed, parsed.alternative] : [parsed];
    });
    if (!rule.rule.serialFallback) return others;
    const shorter = (others ?? [name]).flatMap((each) => withoutSerial(each) ?? []);
    return shorter.length === 0 ? others : [...(others ?? [name]), ...shorter];
  }

  /** Map files often make absolute paths, since tftpd-hpa has several directories. */
  #withoutRoot(name: Uint8Array): Uint8Array {
    const root = Buffer.from(`${this.#rootDir}/`);
    return Buffer.from(name).subarray(0, root.length).equals(root) ? name.subarray(root.length) : name;
  }

  async #find(
    name: FileName,
    { rule, values }: Applied,
    request: RequestContext,
    isOther: boolean,
  ): Promise<ContentFile | undefined> {
    const virtual = isOther ? await this.virtual?.find(name, request) : undefined;
    if (virtual) return virtual;
    const roots = rule.roots(values);
    for (const root of roots ?? [undefined]) {
      // oxlint-disable-next-line no-await-in-loop -- one is looked into if the one before does not have it
      const file = await this.#openIn(root, name, rule, request);
      if (file) return file;
    }
    return undefined;
  }

  /** Undefined if it is not there. */
  async #openIn(
    root: string | undefined,
    name: FileName,
    { rule, index }: CompiledRule,
    request: RequestContext,
  ): Promise<ContentFile | undefined> {
    try {
      const source = root === undefined ? this.#stored : await this.#directories.get(resolve(this.#rootDir, root));
      try {
        return await openObserved(source, name, request);
      } catch (error) {
        if (!rule.caseInsensitive || !isMissing(error) || !(source instanceof RootedDirectory)) throw error;
        const found = await findIgnoringCase(source.path, name, request.isWanted);
        if (found === undefined) throw error;
        request.observer?.onRule?.({ rule: index, served: found.text, profile: rule.profile });
        return await openObserved(source, found, request);
      }
    } catch (error) {
      const refused = toRefused(error);
      if (isMissing(refused)) return undefined;
      throw refused;
    }
  }

  #openStored(name: FileName, request: RequestContext): Promise<ContentFile> {
    return openObserved(this.#stored, name, request);
  }
}

/** Opens it, and says so if an explanation is asked for. */
function openObserved(source: ContentSource, name: FileName, request: RequestContext): Promise<ContentFile> {
  const onTried = request.observer?.onTried?.bind(request.observer);
  const opening = source.open(name, request);
  if (!onTried) return opening;
  const isFile = source instanceof RootedDirectory;
  const place = isFile ? join(source.path.toString(), name.text) : name.text;
  const report = (result: LookupStep["result"]): void => onTried({ place, kind: isFile ? "file" : "object", result });
  return opening.then(
    (file) => {
      report("found");
      return file;
    },
    (error: unknown) => {
      report(toRefused(error).reason);
      throw error;
    },
  );
}

/** The name without the serial number of a Raspberry Pi in front; undefined if it has none. */
function withoutSerial({ path }: FileName): FileName | undefined {
  const [serial = "", ...rest] = Buffer.from(path).toString("latin1").split("/");
  if (rest.length === 0 || !/^[0-9a-f]{8}$/i.test(serial)) return undefined;
  return parseFileName(path.subarray(serial.length + 1));
}

function isMissing(error: unknown): boolean {
  return error instanceof Refused && error.reason === "not-found";
}

/** A map file that goes wrong is no fault of the client. */
function attempt<Value>(work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    throw error instanceof Refused ? error : new Refused("read-error", { cause: error });
  }
}
