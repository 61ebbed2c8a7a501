import { type FileName, Refused, type RequestContext } from "../content.ts";
import { parseFileName } from "../file-name.ts";
import { PacedGate } from "../paced-gate.ts";
import type { CompiledRule } from "./compiled-rule.ts";
import type { MatchedRule } from "./rule-matcher.ts";

/** What rules make of names, each checked as a name from the network. */
export class RuleNames {
  readonly #rootDir: string;
  /** For map files: with a name that is made for it, one may run for long. */
  readonly #maps = new PacedGate();

  constructor(rootDir: string) {
    this.#rootDir = rootDir;
  }

  /**
   * The names to look for, one after the other; undefined: the name is as it was.
   * @throws {Refused}
   */
  async of(
    name: FileName,
    matched: MatchedRule,
    isWanted: RequestContext["isWanted"],
  ): Promise<readonly FileName[] | undefined> {
    const { rule } = matched.rule;
    const names = await this.#made(name, matched, isWanted);
    const others = names?.flatMap((bytes) => {
      const parsed = parseFileName(bytes);
      return parsed.alternative ? [parsed, parsed.alternative] : [parsed];
    });
    if (!rule.serialFallback) return others;
    const shorter = (others ?? [name]).flatMap((each) => withoutSerial(each) ?? []);
    return shorter.length === 0 ? others : [...(others ?? [name]), ...shorter];
  }

  async #made(
    name: FileName,
    { rule, match, values }: MatchedRule,
    isWanted: RequestContext["isWanted"],
  ): Promise<readonly Uint8Array[] | undefined> {
    const run = (): ReturnType<CompiledRule["runMap"]> => attempt(() => rule.runMap(name, match, values));
    const mapped = rule.hasMap ? await this.#maps.through(run, isWanted) : undefined;
    if (mapped && "refused" in mapped) throw new Refused("denied-by-rule", { text: mapped.refused });
    return mapped ? [this.#withoutRoot(mapped)] : rule.names(name, match, values);
  }

  /** Map files often make absolute paths, since tftpd-hpa has several directories. */
  #withoutRoot(name: Uint8Array): Uint8Array {
    const root = Buffer.from(`${this.#rootDir}/`);
    return Buffer.from(name).subarray(0, root.length).equals(root) ? name.subarray(root.length) : name;
  }
}

/** The name without the serial number of a Raspberry Pi in front; undefined if it has none. */
function withoutSerial({ path }: FileName): FileName | undefined {
  const [serial = "", ...rest] = Buffer.from(path).toString("latin1").split("/");
  if (rest.length === 0 || !/^[0-9a-f]{8}$/i.test(serial)) return undefined;
  return parseFileName(path.subarray(serial.length + 1));
}

/** A map file that goes wrong is no fault of the client. */
function attempt<Value>(work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    throw error instanceof Refused ? error : new Refused("read-error", { cause: error });
  }
}
