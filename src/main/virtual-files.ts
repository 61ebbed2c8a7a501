import { AsyncResource } from "node:async_hooks";
import { TftpError, toErrorInfo } from "../contract/errors.ts";
import type { ServerApi } from "../contract/thread/server-api.ts";
import { showValue } from "../contract/text/show-value.ts";
import type {
  FileRequest,
  HandlerAnswer,
  PlainContent,
  VirtualContent,
  VirtualRule,
} from "../contract/rules/virtual-files.ts";
import { compileGlob } from "../shared/glob/glob.ts";
import { monotonicMs } from "../shared/monotonic.ts";

/** The most bytes of a content that is copied into each thread. */
const SMALL = 4_096;
/** A new thread is given this many rules in a message: one message each, or one message for 200,000, takes far longer. */
const BATCH = 256;

/** What a handler returns: content; null, there is no such file; undefined, that is for the next rule, or the disk. */
export type HandlerResult = VirtualContent | null | undefined;

/**
 * Makes the content of a file for the client that asks. It runs in the thread that called `addFile`, and in the async
 * context of that call (AsyncLocalStorage).
 */
export type FileHandler = (request: FileRequest) => HandlerResult | Promise<HandlerResult>;

/** A rule for virtual files that is in force until it is removed. */
export interface AddedFile extends AsyncDisposable {
  /** Resolves once the running server knows the rule; at once if none runs. Never rejects. */
  readonly ready: Promise<void>;
  /**
   * Removes the rule; more than once does no harm. Resolves once the running server has forgotten it. Never rejects.
   */
  remove(): Promise<void>;
}

/** A server thread, as far as it matters here. */
interface RuleTaker {
  readonly ended: Promise<unknown>;
  call<Name extends "addVirtualFiles" | "removeVirtualFile">(
    name: Name,
    ...args: Parameters<ServerApi[Name]>
  ): Promise<unknown>;
}

interface ActiveFile {
  readonly rule: VirtualRule;
  readonly handler: FileHandler | undefined;
}

/** The list of virtual files. It outlives the threads that serve them: each one is given it, and then every change. */
export class VirtualFiles {
  readonly #active = new Map<number, ActiveFile>();
  readonly #threads = new Set<RuleTaker>();
  #nextId = 1;

  /**
   * Adds a rule behind those that there are.
   * @throws {TftpError} INVALID_OPTION
   */
  add(pattern: string | RegExp, content: FileHandler | VirtualContent): AddedFile {
    const id = this.#nextId++;
    const handler = typeof content === "function" ? AsyncResource.bind(content) : undefined;
    const fixed = typeof content === "function" ? undefined : toShared(toPlainContent(content, "content"));
    const rule = { id, pattern: checkPattern(pattern), ...(fixed && { content: fixed }) };
    this.#active.set(id, { rule, handler });
    const ready = inform(this.#threads, (thread) => thread.call("addVirtualFiles", [rule]));
    const remove = (): Promise<void> => this.#remove(id);
    return { ready, remove, [Symbol.asyncDispose]: remove };
  }

  /** Gives a new thread the list; calls arrive in order, so it has it before it starts to serve. */
  attach(thread: RuleTaker): void {
    this.#threads.add(thread);
    const rules = Array.from(this.#active.values(), ({ rule }) => rule);
    for (let at = 0; at < rules.length; at += BATCH) {
      void inform([thread], () => thread.call("addVirtualFiles", rules.slice(at, at + BATCH)));
    }
    void thread.ended.then(() => this.#threads.delete(thread));
  }

  /**
   * Asks the handler of that rule, unless this thread comes to it only when no client waits any more. Never rejects.
   */
  async provide(id: number, request: FileRequest, deadline: number): Promise<HandlerAnswer> {
    if (monotonicMs() >= deadline) return "too-late";
    try {
      // It may have been removed while the question was on its way.
      const result = await this.#active.get(id)?.handler?.(request);
      if (result === undefined) return "not-mine";
      return result === null ? "not-found" : toPlainContent(result, "the handler's result");
    } catch (error) {
      return { failure: toErrorInfo(error) };
    }
  }

  async #remove(id: number): Promise<void> {
    if (this.#active.delete(id)) await inform(this.#threads, (thread) => thread.call("removeVirtualFile", id));
  }
}

/** If a thread is gone, its list is too: the next one gets it anew. */
async function inform(threads: Iterable<RuleTaker>, message: (thread: RuleTaker) => Promise<unknown>): Promise<void> {
  await Promise.allSettled([...threads].map(message));
}

function checkPattern(pattern: unknown): string | RegExp {
  if (pattern instanceof RegExp) return pattern;
  try {
    if (typeof pattern === "string" && compileGlob(pattern)) return pattern;
  } catch (error) {
    throw notAPattern(pattern, `; ${(error as Error).message}`);
  }
  throw notAPattern(pattern);
}

function notAPattern(pattern: unknown, why = ""): TftpError {
  return new TftpError("INVALID_OPTION", `pattern: expected a RegExp or a glob, got ${showValue(pattern)}${why}`);
}

/** A copy: it can be given away, and does not change any more. */
function toPlainContent(content: unknown, what: string): PlainContent {
  if (typeof content === "string") return { bytes: new TextEncoder().encode(content) };
  if (content instanceof Uint8Array) return { bytes: new Uint8Array(content) };
  const path = (content as { path?: unknown } | null)?.path;
  if (typeof path === "string" && path !== "" && !path.includes("\0")) return { path };
  throw new TftpError("INVALID_OPTION", `${what}: expected text, bytes or { path }, got ${showValue(content)}`);
}

/**
 * In memory that all threads see: each one that serves it takes none of its own. A small content is copied all the same:
 * each piece of shared memory in a message makes handing it over slower.
 */
function toShared(content: PlainContent): PlainContent {
  if (!("bytes" in content) || content.bytes.length <= SMALL) return content;
  const bytes = new Uint8Array(new SharedArrayBuffer(content.bytes.length));
  bytes.set(content.bytes);
  return { bytes };
}
