import { toError } from "../../../contract/errors.ts";
import type { FileRequest, HandlerAnswer, PlainContent } from "../../../contract/rules/virtual-files.ts";
import { monotonicMs } from "../../../shared/monotonic.ts";
import { Refused } from "../content.ts";
import { AnswerMemory } from "./answer-memory.ts";

/** Asks the handler of that rule, in main. After `deadline` (of `monotonicMs`) main answers "too-late" instead. */
export type AskHandler = (id: number, request: FileRequest, deadline: number) => Promise<HandlerAnswer>;

type Answer = PlainContent | "not-found" | "not-mine";

/** For how long a client that asks again for the same name gets the same answer, in ms: boards do so. */
const REPEAT_MS = 5_000;
/** The most memory that is kept for that, in bytes; then the oldest answer goes first. */
const REPEAT_BYTES = 64 * 1024 * 1024;

/** An answer, or one to come. */
interface Kept {
  readonly answer: Promise<Answer>;
  isOpen: boolean;
  /** In bytes, of an answer that has come. */
  size: number;
  release: () => void;
  timer: NodeJS.Timeout;
}

/** What was asked, and until when a client waits for the answer. */
interface Question {
  readonly id: number;
  readonly request: FileRequest;
  wantedUntil: number;
}

export interface HandlerLimits {
  /** How long a handler may take, in ms. */
  readonly timeoutMs: number;
  /** How many questions may be unanswered: those of a main thread that is blocked must not pile up. */
  readonly maxOpen: number;
  /** How much memory the answers may take, in bytes: those that transfers send from, and those that are kept. */
  readonly maxBytes: number;
}

/** What handlers in main have answered, one question for each client and name. */
export class HandlerAnswers {
  readonly #ask: AskHandler;
  readonly #limits: HandlerLimits;
  readonly #memory: AnswerMemory;
  readonly #kept = new Map<string, Kept>();
  readonly #questions = new Map<string, Question>();
  #keptBytes = 0;
  /** Questions that main has not answered yet, whether or not a client still waits for that. */
  #open = 0;

  constructor(ask: AskHandler, limits: HandlerLimits) {
    this.#ask = ask;
    this.#limits = limits;
    this.#memory = new AnswerMemory(limits.maxBytes);
  }

  /**
   * @throws {Refused} "handler-error", with what the handler threw, or that it did not answer in time, or that there is
   *   no room for one more question or for what it answered.
   */
  async get(id: number, request: FileRequest): Promise<Answer> {
    const key = `${id} ${request.client.address} ${request.file}`;
    const { answer } = this.#kept.get(key) ?? this.#begin(key, { id, request, wantedUntil: 0 });
    const question = this.#questions.get(key);
    if (question) question.wantedUntil = monotonicMs() + this.#limits.timeoutMs;
    return await this.#inTime(answer);
  }

  /** Counts an answer as long as a transfer sends from it. Returns what to call at the end. */
  hold(bytes: Uint8Array): () => void {
    return this.#memory.hold(bytes);
  }

  close(): void {
    for (const key of this.#kept.keys()) this.#drop(key);
  }

  #begin(key: string, question: Question): Kept {
    const { timeoutMs, maxOpen } = this.#limits;
    if (this.#open >= maxOpen) throw failed(new Error("too many handlers have not answered yet"));
    this.#questions.set(key, question);
    const answer = this.#answerTo(question).then((given) => this.#admit(given));
    // Not for ever: one that never answers must not stand in the way of a client that asks later on.
    const timer = this.#dropIn(timeoutMs + REPEAT_MS, key);
    const kept: Kept = { answer, isOpen: true, size: 0, release: () => {}, timer };
    this.#kept.set(key, kept);
    const isCurrent = (): boolean => this.#kept.get(key) === kept;
    answer.then(
      (given) => isCurrent() && this.#keep(key, kept, given),
      // A client that asks again gets another chance.
      () => isCurrent() && this.#drop(key),
    );
    return kept;
  }

  async #answerTo(question: Question): Promise<Answer> {
    let deadline = monotonicMs() + this.#limits.timeoutMs;
    this.#open++;
    try {
      for (;;) {
        // oxlint-disable-next-line no-await-in-loop -- the same question once more, to a handler that came too late
        const answer = await this.#ask(question.id, question.request, deadline);
        if (answer !== "too-late") return check(answer);
        if (question.wantedUntil <= monotonicMs())
          throw failed(new Error("the handler's thread was busy for too long"));
        deadline = question.wantedUntil;
      }
    } finally {
      this.#open--;
    }
  }

  /** Makes room for an answer by what is only kept to be said again. @throws {Refused} if that is not enough. */
  #admit(answer: Answer): Answer {
    const bytes = bytesOf(answer);
    if (bytes === undefined) return answer;
    for (const [key, { isOpen }] of this.#kept) {
      if (this.#memory.fits(bytes)) break;
      if (!isOpen) this.#drop(key);
    }
    if (this.#memory.fits(bytes)) return answer;
    const { used, limit } = this.#memory;
    const message = `an answer of ${bytes.length} bytes, beside ${used} in use, is over the limit of ${limit}`;
    throw failed(new Error(message));
  }

  #keep(key: string, kept: Kept, answer: Answer): void {
    clearTimeout(kept.timer);
    kept.timer = this.#dropIn(REPEAT_MS, key);
    kept.isOpen = false;
    this.#questions.delete(key);
    const bytes = bytesOf(answer);
    if (bytes === undefined) return;
    kept.size = bytes.length;
    kept.release = this.#memory.hold(bytes);
    this.#keptBytes += kept.size;
    for (const [oldest, { isOpen }] of this.#kept) {
      if (this.#keptBytes <= REPEAT_BYTES) return;
      // What has just come stays, however big; what is still to come holds nothing.
      if (oldest !== key && !isOpen) this.#drop(oldest);
    }
  }

  #dropIn(ms: number, key: string): NodeJS.Timeout {
    return setTimeout(() => this.#drop(key), ms).unref();
  }

  #drop(key: string): void {
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    clearTimeout(kept.timer);
    kept.release();
    this.#keptBytes -= kept.size;
    this.#kept.delete(key);
    this.#questions.delete(key);
  }

  async #inTime(answer: Promise<Answer>): Promise<Answer> {
    const { timeoutMs } = this.#limits;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(failed(new Error(`the handler did not answer within ${timeoutMs} ms`))),
        timeoutMs,
      );
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function bytesOf(answer: Answer): Uint8Array | undefined {
  return typeof answer === "object" && "bytes" in answer ? answer.bytes : undefined;
}

function check(answer: Exclude<HandlerAnswer, "too-late">): Answer {
  if (typeof answer === "object" && "failure" in answer) throw failed(toError(answer.failure));
  return answer;
}

function failed(cause: Error): Refused {
  return new Refused("handler-error", { cause });
}
