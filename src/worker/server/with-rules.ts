import type { ServerConfig } from "../../contract/options/server-config.ts";
import type { ContentSource } from "../content/content.ts";
import { type FileAccess, RootedDirectory } from "../content/directory/rooted-directory.ts";
import { RuleSource } from "../content/rules/rule-source.ts";
import { type AskHandler, HandlerAnswers } from "../content/virtual/handler-answers.ts";
import { VirtualFileSource } from "../content/virtual/virtual-file-source.ts";
import type { VirtualRules } from "../content/virtual/virtual-rules.ts";

export interface RuledSource {
  /** What requests are served from. */
  readonly source: ContentSource;
  /** The rules within it. */
  readonly rules: RuleSource;
}

export interface RuleDependencies {
  readonly virtualRules: VirtualRules;
  readonly askHandler: AskHandler;
  readonly fileAccess: FileAccess;
}

/**
 * Puts virtual files and rules before what is stored: virtual files by the name that was asked for, then the rules, then,
 * if a rule made another name, virtual files by that, then what is stored.
 */
export function withRules(
  stored: ContentSource,
  config: ServerConfig,
  { virtualRules, askHandler, fileAccess }: RuleDependencies,
): RuledSource {
  const { handlerTimeoutMs: timeoutMs, handlerMemoryBytes: maxBytes, maxTransfers: maxOpen, rootDir } = config;
  const openDirectory = (path: string): Promise<RootedDirectory> =>
    RootedDirectory.open(path, config.symlinks, undefined, fileAccess);
  const rules = new RuleSource({ stored, rootDir, openDirectory });
  rules.use(config.rules);
  const answers = new HandlerAnswers(askHandler, { timeoutMs, maxOpen, maxBytes });
  const source = new VirtualFileSource(virtualRules, answers, rootDir, rules, rules);
  rules.virtual = source;
  return { source, rules };
}
