import { TftpError, toErrorInfo } from "../contract/errors.ts";
import type { ServerApi } from "../contract/server-api.ts";
import { compileGlob } from "../shared/glob.ts";
import { monotonicMs } from "../shared/monotonic.ts";
import type {
  FileRequest,
  HandlerAnswer,
  VirtualContent,
  VirtualRule,
  PlainContent,
} from "../contract/virtual-files.ts";

/** What a handler says: content; null, there is no such file; undefined, that is for the next rule, or the disk. */
export type HandlerResult = VirtualContent | null | undefined;

/** Makes the content of a file for whoever asks. It runs in the thread that called `serve`. */
export type FileHandler = (request: FileRequest) => HandlerResult | Promise<HandlerResult>;

/** Removes a rule again, when called; resolves once the running server has forgotten it. */
export interface ServedFile {
  (): Promise<void>;
  /** Resolves once the running server knows the rule; at once where none runs. Never rejects. */
  readonly ready: Promise<void>;
}

/** A server thread, as far as it matters here. */
interface RuleTaker {
  readonly ended: Promise<unknown>;
  call<Name extends "addVirtualFile" | "removeVirtualFile">(
    name: Name,
    ...args: Parameters<ServerApi[Name]>
  ): Promise<unknown>;
}

interface Served {
  readonly rule: VirtualRule;
  readonly handler: FileHandler | undefined;
}

/** The list of virtual files. It outlives the threads that serve them: each one is given it, and then every change. */
export class VirtualFiles {
  readonly #served = new Map<number, Served>();
  readonly #threads = new Set<RuleTaker>();
  #nextId = 1;

  /**
   * Adds a rule behind those that there are.
   * @throws {TftpError} INVALID_OPTION
   */
  add(pattern: string | RegExp, content: FileHandler | VirtualContent): ServedFile {
    const id = this.#nextId++;
    const handler = typeof content === "function" ? content : undefined;
    const fixed = typeof content === "function" ? undefined : toShared(toPlainContent(content, "content"));
    const rule = { id, pattern: checkPattern(pattern), ...(fixed && { content: fixed }) };
    this.#served.set(id, { rule, handler });
    const ready = tell(this.#threads, (thread) => thread.call("addVirtualFile", rule));
    const remove = async (): Promise<void> => {
      if (this.#served.delete(id)) await tell(this.#threads, (thread) => thread.call("removeVirtualFile", id));
    };
    return Object.assign(remove, { ready });
  }

  /** Gives a new thread the list; calls arrive in order, so it has it before it starts to serve. */
  attach(thread: RuleTaker): void {
    this.#threads.add(thread);
    for (const { rule } of this.#served.values()) void tell([thread], () => thread.call("addVirtualFile", rule));
    void thread.ended.then(() => this.#threads.delete(thread));
  }

  /** Asks the handler of that rule, unless this thread comes to it only when no client waits any more. Never rejects. */
  async provide(id: number, request: FileRequest, deadline: number): Promise<HandlerAnswer> {
    if (monotonicMs() >= deadline) return "too-late";
    try {
      // It may have been removed while the question was on its way.
      const result = await this.#served.get(id)?.handler?.(request);
      if (result === undefined) return "not-mine";
      return result === null ? "not-found" : toPlainContent(result, "the handler's result");
    } catch (error) {
      return { failure: toErrorInfo(error) };
    }
  }
}

/** Where a thread is gone, its list is too: the next one gets it anew. */
async function tell(threads: Iterable<RuleTaker>, message: (thread: RuleTaker) => Promise<unknown>): Promise<void> {
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
  return new TftpError("INVALID_OPTION", `pattern: expected a RegExp or a glob, got ${describe(pattern)}${why}`);
}

/** A copy: it can be given away, and does not change any more. */
function toPlainContent(content: unknown, what: string): PlainContent {
  if (typeof content === "string") return { bytes: new TextEncoder().encode(content) };
  if (content instanceof Uint8Array) return { bytes: new Uint8Array(content) };
  const path = (content as { path?: unknown } | null)?.path;
  if (typeof path === "string" && path !== "" && !path.includes("\0")) return { path };
  throw new TftpError("INVALID_OPTION", `${what}: expected text, bytes or { path }, got ${describe(content)}`);
}

/** In memory that all threads see: each one that serves it takes none of its own. */
function toShared(content: PlainContent): PlainContent {
  if (!("bytes" in content)) return content;
  const bytes = new Uint8Array(new SharedArrayBuffer(content.bytes.length));
  bytes.set(content.bytes);
  return { bytes };
}

function describe(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value.slice(0, 100)) : typeof value;
}
