import { MAX_DENIAL } from "../../../contract/rules/check-rules.ts";
import { isInvisible } from "../../../contract/text/printable-text.ts";
import { listOf, type MapText, type Rule } from "../../../contract/rules/rules.ts";
import { utf8Start } from "../../../contract/text/utf8.ts";
import { parseTemplate, type TemplatePart } from "../../../contract/rules/rule-template.ts";
import { AddressList } from "../../../shared/network/address-list.ts";
import { type CapturingGlob, compileCapturing } from "../../../shared/glob/glob.ts";
import { type MapRule, parseMapFile } from "../../../shared/tftpd-hpa/map-file.ts";
import { type MapResult, runMap } from "../../../shared/tftpd-hpa/run-map.ts";
import { runWithin } from "../../../shared/tftpd-hpa/run-within.ts";
import { type FileName, Refused, type RequestContext } from "../content.ts";
import { decodeName, encodePrintable } from "./name-text.ts";

/** What a rule found in a request. */
export interface RuleMatch {
  /** The printable name, or what is left of it. */
  readonly text: string;
  readonly isCut: boolean;
  readonly captures: readonly string[];
}

/** What stands for the words of a template, besides captures. */
export interface TemplateValues {
  readonly client: string;
  readonly mac: string;
}

/**
 * The longest name that a map file gets, in bytes: none that DHCP gives to a client is longer. The time of a regular
 * expression may grow with the third power of it, or worse.
 */
const MAX_MAPPED = 255;
/** The longest name that is looked for, in bytes (PATH_MAX). */
const MAX_NAME = 4_096;
/** For how long a map file may run, in ms. */
const MAX_MAP_MS = 100;

type Template = readonly TemplatePart[];

/** A rule that the options had, ready to be asked. Whether it is valid was checked before. */
export class CompiledRule {
  /** Its place among the rules, from 0. */
  readonly index: number;
  readonly rule: Rule;
  readonly needsMac: boolean;
  readonly hasMap: boolean;
  readonly #glob: CapturingGlob | undefined;
  readonly #clients: AddressList | undefined;
  /** Without a value, any is right. */
  readonly #options: readonly (readonly [name: string, value: string | undefined])[];
  readonly #cuts: readonly string[];
  readonly #names: readonly Template[];
  readonly #roots: readonly Template[];
  readonly #map: readonly MapRule[] | undefined;

  constructor(rule: Rule, index: number) {
    this.index = index;
    this.rule = rule;
    this.#glob = rule.match === undefined ? undefined : compileCapturing(rule.match, rule.caseInsensitive);
    this.#clients = rule.client === undefined ? undefined : new AddressList(listOf(rule.client));
    this.#options = listOf(rule.options).map((option) => askedOption(option));
    this.#cuts = listOf(rule.cutAt);
    this.#names = listOf(rule.to).map((template) => templateOf(template));
    this.#roots = listOf(rule.root).map((template) => templateOf(template));
    this.#map = rule.tftpdHpaMap === undefined ? undefined : parseMapFile((rule.tftpdHpaMap as MapText).text);
    this.hasMap = this.#map !== undefined;
    this.needsMac = [...this.#names, ...this.#roots].flat().some((part) => "value" in part && part.value === "mac");
  }

  /** Undefined if the rule is not for this request. Whether the hardware address is known is not looked at. */
  match(name: FileName, { client, mode, options }: RequestContext): RuleMatch | undefined {
    if (this.rule.mode !== undefined && this.rule.mode !== mode) return undefined;
    if (this.#clients?.includes(client.address) === false) return undefined;
    for (const [option, value] of this.#options) {
      const asked = options.get(option);
      if (asked === undefined || (value !== undefined && value !== asked)) return undefined;
    }
    const text = this.#cuts.length === 0 ? name.text : this.#cut(name.text);
    const captures = this.#glob ? this.#glob.captures(text) : [];
    return captures && text !== "" ? { text, isCut: text.length < name.text.length, captures } : undefined;
  }

  #cut(text: string): string {
    const ends = this.#cuts.map((cut) => text.indexOf(cut)).filter((at) => at >= 0);
    return text.slice(0, Math.min(...ends, text.length));
  }

  /** The names to look for, as bytes; undefined: the one that was asked for. */
  names(name: FileName, match: RuleMatch, values: TemplateValues): readonly Uint8Array[] | undefined {
    if (this.#names.length === 0) return match.isCut ? [encodePrintable(match.text, name)] : undefined;
    return this.#names.flatMap((template) => {
      const parts: Uint8Array[] = [];
      let length = 0;
      for (const part of template) {
        const bytes = bytesOf(part, name, match, values);
        length += bytes.length;
        // No path is longer, and a rule may name a capture as often as it likes.
        if (length > MAX_NAME) return [];
        parts.push(bytes);
      }
      return [Buffer.concat(parts)];
    });
  }

  /**
   * What the map file makes of the name as it was sent; undefined if the rule has none.
   * @throws {Refused} "not-found" for a name that is too long.
   * @throws {Error} as `runMap`; or if it takes too long.
   */
  runMap(
    name: FileName,
    match: RuleMatch,
    { client }: TemplateValues,
  ): Uint8Array | { refused: string | undefined } | undefined {
    if (this.#map === undefined) return undefined;
    const map = this.#map;
    const asked = match.isCut ? encodePrintable(match.text, name) : name.asked;
    if (asked.length > MAX_MAPPED) throw new Refused("not-found");
    const { text, encode } = decodeName(asked);
    const result: MapResult = runWithin("the map file", MAX_MAP_MS, () => runMap(map, text, { address: client }));
    return "refused" in result ? { refused: result.refused && errorText(result.refused) } : encode(result.name);
  }

  /** The directories that are the same for all clients. */
  get fixedRoots(): readonly string[] {
    const fixed = this.#roots.filter((template) => template.every((part) => "text" in part));
    return fixed.map((template) => template.map((part) => ("text" in part ? part.text : "")).join(""));
  }

  /** The directories to look into; undefined: the root of the server. */
  roots(values: TemplateValues): readonly string[] | undefined {
    if (this.#roots.length === 0) return undefined;
    return this.#roots.map((template) =>
      template
        .map((part) => ("text" in part ? part.text : "value" in part ? valueOf(part.value, values) : ""))
        .join(""),
    );
  }
}

function askedOption(text: string): readonly [name: string, value: string | undefined] {
  const [name = "", ...value] = text.split("=");
  return [name.toLowerCase(), value.length === 0 ? undefined : value.join("=")];
}

/** A map file's text may have the client's name in it. */
function errorText(text: string): string {
  const visible = Array.from(text.slice(0, MAX_DENIAL), (character) => (isInvisible(character) ? "?" : character));
  return utf8Start(visible.join(""), MAX_DENIAL);
}

function templateOf(template: string): Template {
  const parts = parseTemplate(template, ["name", "client", "mac"]);
  return typeof parts === "string" ? [] : parts;
}

function bytesOf(part: TemplatePart, name: FileName, match: RuleMatch, values: TemplateValues): Uint8Array {
  if ("text" in part) return Buffer.from(part.text);
  if ("capture" in part) return encodePrintable(match.captures[part.capture - 1] ?? "", name);
  return part.value === "name" ? encodePrintable(match.text, name) : Buffer.from(valueOf(part.value, values));
}

function valueOf(word: "client" | "mac" | "name", { client, mac }: TemplateValues): string {
  return word === "mac" ? mac : client;
}
