import { resolve } from "node:path";
import { type ContentFile, type ContentSource, type FileName, Refused, type RequestContext } from "../content.ts";
import { findIgnoringCase } from "../directory/ignoring-case.ts";
import { RootedDirectory } from "../directory/rooted-directory.ts";
import { toRefused } from "../refusal.ts";
import type { CompiledRule } from "./compiled-rule.ts";
import { openObserved } from "./open-observed.ts";
import { RuleDirectories } from "./rule-directories.ts";
import type { MatchedRule } from "./rule-matcher.ts";

export interface RuleLookupDependencies {
  /** What is looked into for a rule without directories of its own. */
  readonly stored: ContentSource;
  /** Relative directories of rules start here. */
  readonly rootDir: string;
  readonly openDirectory: (path: string) => Promise<RootedDirectory>;
}

/** Looks for files in the directories of a rule, one after the other. */
export class RuleLookup {
  readonly #stored: ContentSource;
  readonly #rootDir: string;
  readonly #directories: RuleDirectories;

  constructor({ stored, rootDir, openDirectory }: RuleLookupDependencies) {
    this.#stored = stored;
    this.#rootDir = rootDir;
    this.#directories = new RuleDirectories(openDirectory);
  }

  /** Undefined if it is in none of them. */
  async find(name: FileName, { rule, values }: MatchedRule, request: RequestContext): Promise<ContentFile | undefined> {
    const roots = rule.roots(values);
    for (const root of roots ?? [undefined]) {
      // oxlint-disable-next-line no-await-in-loop -- one is looked into if the one before does not have it
      const file = await this.#openIn(root, name, rule, request);
      if (file) return file;
    }
    return undefined;
  }

  /** The directory that a rule names. @throws a system error if there is none. */
  openRoot(root: string): Promise<RootedDirectory> {
    return this.#directories.get(resolve(this.#rootDir, root));
  }

  async #openObserved(root: string, { observer }: RequestContext): Promise<RootedDirectory> {
    try {
      return await this.openRoot(root);
    } catch (error) {
      const place = resolve(this.#rootDir, root);
      observer?.onTried?.({ place, kind: "directory", result: toRefused(error).reason });
      throw error;
    }
  }

  /** Undefined if it is not there. */
  async #openIn(
    root: string | undefined,
    name: FileName,
    { rule, index }: CompiledRule,
    request: RequestContext,
  ): Promise<ContentFile | undefined> {
    try {
      const source = root === undefined ? this.#stored : await this.#openObserved(root, request);
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
}

function isMissing(error: unknown): boolean {
  return error instanceof Refused && error.reason === "not-found";
}
