import { resolve } from "node:path";
import type { PlainContent } from "../../../contract/rules/virtual-files.ts";
import { BytesFile } from "../bytes-file.ts";
import { type ContentFile, type ContentSource, type FileName, Refused, type RequestContext } from "../content.ts";
import { MAX_PART } from "../../../shared/glob/glob.ts";
import { tick } from "../../../shared/tick.ts";
import { openRegular } from "../open-regular.ts";
import type { HandlerAnswers } from "./handler-answers.ts";
import { toRefused } from "../refusal.ts";
import type { ActiveRule, VirtualRules } from "./virtual-rules.ts";

/** An explanation came to a handler, which is not called for it. */
export class HandlerNotAsked extends Error {}

/** What rules say of transfers, whatever is served. */
export interface ProfileLookup {
  /** Reports the rule to the request's observer, if one with a profile matches. */
  noteProfile(name: FileName, request: RequestContext): Promise<void>;
}

/** Virtual files, and the files of another source if no rule matches. */
export class VirtualFileSource implements ContentSource {
  readonly #list: VirtualRules;
  readonly #answers: HandlerAnswers;
  readonly #rootDir: string;
  readonly #others: ContentSource;
  readonly #profiles: ProfileLookup | undefined;

  /** @param rootDir The directory that relative paths start from. */
  constructor(
    list: VirtualRules,
    answers: HandlerAnswers,
    rootDir: string,
    others: ContentSource,
    profiles?: ProfileLookup,
  ) {
    this.#list = list;
    this.#answers = answers;
    this.#rootDir = rootDir;
    this.#others = others;
    this.#profiles = profiles;
  }

  /** @throws {Refused} "handler-error" and "not-found" for a virtual file; besides, as the other source does. */
  open(name: FileName, request: RequestContext): Promise<ContentFile> {
    return this.#list.hasRegExp ? tick().then(() => this.#open(name, request)) : this.#open(name, request);
  }

  #open(name: FileName, request: RequestContext): Promise<ContentFile> {
    const rules = this.#matching(name);
    return rules.length === 0 ? this.#others.open(name, request) : this.#openOrPass(rules, name, request);
  }

  /** The virtual file of that name; undefined if there is none, whatever the other source has. @throws {Refused} */
  async find(name: FileName, request: RequestContext): Promise<ContentFile | undefined> {
    if (this.#list.hasRegExp) await tick();
    return await this.#openFirst(this.#matching(name), name, request);
  }

  async close(): Promise<void> {
    this.#answers.close();
    await this.#others.close();
  }

  #matching(name: FileName): readonly ActiveRule[] {
    // What no file can be named needs not be matched, which a RegExp may take very long for.
    return name.longestPart > MAX_PART ? [] : this.#list.matching(name.text);
  }

  async #openOrPass(rules: readonly ActiveRule[], name: FileName, request: RequestContext): Promise<ContentFile> {
    const file = await this.#openFirst(rules, name, request);
    if (!file) return await this.#others.open(name, request);
    await this.#profiles?.noteProfile(name, request);
    return file;
  }

  async #openFirst(
    rules: readonly ActiveRule[],
    name: FileName,
    { client, local, mode, options, observer, isWanted }: RequestContext,
  ): Promise<ContentFile | undefined> {
    const request = { file: name.text, client, local, mode, options: Object.fromEntries(options) };
    for (const { id, content } of rules) {
      if (observer?.onTried) {
        observer.onTried({ place: name.text, kind: content ? "virtual" : "handler", result: "found" });
        if (!content) throw new HandlerNotAsked();
      }
      if (content) return await this.#openContent(content, isWanted);
      const answer = await this.#answers.get(id, request);
      if (answer === "not-found") throw new Refused("not-found");
      if (answer === "not-mine") continue;
      return "bytes" in answer
        ? new BytesFile(answer.bytes, this.#answers.hold(answer.bytes))
        : await this.#openContent(answer, isWanted);
    }
    return undefined;
  }

  async #openContent(content: PlainContent, isWanted: RequestContext["isWanted"]): Promise<ContentFile> {
    if ("bytes" in content) return new BytesFile(content.bytes);
    try {
      return await openPath(resolve(this.#rootDir, content.path), isWanted);
    } catch (error) {
      throw toRefused(error);
    }
  }
}

/** A regular file anywhere: the agent itself has named it. */
async function openPath(path: string, isWanted: RequestContext["isWanted"]): Promise<ContentFile> {
  const file = await openRegular(Buffer.from(path), true, async () => true, isWanted);
  if (file === undefined) throw new Refused("not-found");
  return file;
}
