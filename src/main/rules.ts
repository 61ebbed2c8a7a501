import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { TftpError } from "../contract/errors.ts";
import type { ResolvedOptions } from "../contract/options/options.ts";
import { type MapText, type Rule, type RuleList, listOf, rulesOf } from "../contract/rules/rules.ts";
import { parseTemplate } from "../contract/rules/rule-template.ts";
import { showValue } from "../contract/text/show-value.ts";
import { compileCapturing } from "../shared/glob/glob.ts";
import { parseMapFile } from "../shared/tftpd-hpa/map-file.ts";

/** A bigger map file is none. In characters. */
const MAX_MAP = 4 * 1024 * 1024;

/** What the rules stand beside. */
interface RuleContext {
  /** Whether an object store is served, which has no directories. */
  readonly hasSource: boolean;
}

/**
 * Reads the map files of rules, and checks what only this thread can: globs, captures, and the text of maps. The worker
 * gets the text, so that a restart after a crash has the rules that were checked.
 * @throws {TftpError} INVALID_OPTION, naming the rule, the key, what was expected, and the value; of a map file the line.
 */
export function prepareRules(rules: RuleList, context: RuleContext): RuleList {
  return withMaps(rules, context, (file) => readFileSync(file));
}

/** @throws {TftpError} as `prepareRules`. */
export function withPreparedRules(options: ResolvedOptions): ResolvedOptions {
  const { server } = options;
  const rules = prepareRules(server.rules, { hasSource: server.source !== undefined });
  return { ...options, server: { ...server, rules } };
}

/** The same without blocking the thread. */
export async function prepareRulesLater(rules: RuleList, context: RuleContext): Promise<RuleList> {
  const files = rulesOf(rules).flatMap(({ tftpdHpaMap: map }) => (typeof map === "string" ? [resolve(map)] : []));
  const read = await Promise.allSettled(files.map((file) => readFile(file)));
  return withMaps(rules, context, (file) => {
    const result = read[files.indexOf(file)];
    if (result?.status !== "fulfilled") throw result?.reason;
    return result.value;
  });
}

function withMaps(rules: RuleList, context: RuleContext, readMap: (file: string) => Buffer): RuleList {
  const isList = Array.isArray(rules);
  return rulesOf(rules).map((rule, index) => withMap(isList ? `rules[${index}]` : "rules", rule, context, readMap));
}

function withMap(place: string, rule: Rule, { hasSource }: RuleContext, readMap: (file: string) => Buffer): Rule {
  const unfit = (["root", "caseInsensitive"] as const).find((key) => rule[key] !== undefined);
  if (hasSource && unfit) {
    throw invalid(`${place}.${unfit}: expected only without source, got ${showValue(rule[unfit])}`);
  }
  checkGlob(place, rule);
  const map = rule.tftpdHpaMap;
  return map === undefined ? rule : { ...rule, tftpdHpaMap: checkMap(place, loadMap(place, map, readMap)) };
}

function checkGlob(place: string, { match, to }: Rule): void {
  let count = 0;
  try {
    if (match !== undefined) ({ count } = compileCapturing(match));
  } catch (error) {
    throw invalid(`${place}.match: expected a glob, got ${showValue(match)}; ${(error as Error).message}`, error);
  }
  for (const template of listOf(to)) {
    const parts = parseTemplate(template, ["name", "client", "mac"], count);
    if (typeof parts === "string") throw invalid(`${place}.to: ${parts}`);
  }
}

function loadMap(place: string, map: string | MapText, readMap: (file: string) => Buffer): MapText {
  if (typeof map !== "string") return map;
  const file = resolve(map);
  try {
    return { file, text: readMap(file).toString() };
  } catch (error) {
    throw invalid(`${place}.tftpdHpaMap: expected the path of a map file; ${(error as Error).message}`, error);
  }
}

function checkMap(place: string, map: MapText): MapText {
  try {
    if (map.text.length > MAX_MAP) throw new SyntaxError(`expected at most ${MAX_MAP} characters`);
    parseMapFile(map.text);
    return map;
  } catch (error) {
    const of = map.file === undefined ? "" : `${map.file}: `;
    throw invalid(`${place}.tftpdHpaMap: ${of}${(error as Error).message}`, error);
  }
}

function invalid(message: string, cause?: unknown): TftpError {
  return new TftpError("INVALID_OPTION", message, cause === undefined ? undefined : { cause });
}
