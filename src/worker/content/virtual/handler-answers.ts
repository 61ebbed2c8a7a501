import { toError } from "../../../contract/errors.ts";
import type { FileRequest, HandlerAnswer, PlainContent } from "../../../contract/virtual-files.ts";
import { Refused } from "../content.ts";

/** Asks main, where the handler of that rule is. */
export type AskHandler = (id: number, request: FileRequest) => Promise<HandlerAnswer>;

type Answer = PlainContent | "not-found" | "not-mine";

/** So long a client that asks again for the same name gets the same answer, in ms: boards do so. */
const REPEAT_MS = 5_000;
/** What is kept for that takes so much memory at most, in bytes; then the oldest goes first. */
const REPEAT_BYTES = 64 * 1024 * 1024;

/** An answer, or one to come. */
interface Kept {
  readonly answer: Promise<Answer>;
  open: boolean;
  bytes: number;
  timer: NodeJS.Timeout;
}

export interface HandlerLimits {
  /** How long a handler may take, in ms. */
  readonly timeoutMs: number;
  /** So many questions may be open: those of a main thread that is blocked must not pile up. */
  readonly maxOpen: number;
}

/** What handlers in main had to say, one question for each client and name. */
export class HandlerAnswers {
  readonly #ask: AskHandler;
  readonly #limits: HandlerLimits;
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;
  #open = 0;

  constructor(ask: AskHandler, limits: HandlerLimits) {
    this.#ask = ask;
    this.#limits = limits;
  }

  /** @throws {Refused} "handler-error", with what the handler threw, or that it did not answer in time. */
  async get(id: number, request: FileRequest): Promise<Answer> {
    const key = `${id} ${request.client.address} ${request.file}`;
    const { answer } = this.#kept.get(key) ?? this.#begin(key, id, request);
    return await this.#inTime(answer);
  }

  close(): void {
    for (const key of this.#kept.keys()) this.#drop(key);
  }

  #begin(key: string, id: number, request: FileRequest): Kept {
    const { timeoutMs, maxOpen } = this.#limits;
    if (this.#open >= maxOpen) throw failed(new Error("too many handlers have not answered yet"));
    const answer = this.#ask(id, request).then(check);
    // Not for ever: one that never answers must not stand in the way of one who asks later on.
    const kept: Kept = { answer, open: true, bytes: 0, timer: this.#dropIn(timeoutMs + REPEAT_MS, key) };
    this.#open += 1;
    this.#kept.set(key, kept);
    const isCurrent = (): boolean => this.#kept.get(key) === kept;
    answer.then(
      (given) => isCurrent() && this.#keep(key, kept, given),
      // Who asks again is given another chance.
      () => isCurrent() && this.#drop(key),
    );
    return kept;
  }

  #keep(key: string, kept: Kept, answer: Answer): void {
    clearTimeout(kept.timer);
    kept.timer = this.#dropIn(REPEAT_MS, key);
    kept.bytes = typeof answer === "object" && "bytes" in answer ? answer.bytes.length : 0;
    kept.open = false;
    this.#open -= 1;
    this.#bytes += kept.bytes;
    for (const [oldest, { open }] of this.#kept) {
      if (this.#bytes <= REPEAT_BYTES) return;
      // What has just come stays, however big; what is still to come holds nothing.
      if (oldest !== key && !open) this.#drop(oldest);
    }
  }

  #dropIn(ms: number, key: string): NodeJS.Timeout {
    return setTimeout(() => this.#drop(key), ms).unref();
  }

  #drop(key: string): void {
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    clearTimeout(kept.timer);
    this.#bytes -= kept.bytes;
    if (kept.open) this.#open -= 1;
    this.#kept.delete(key);
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

function check(answer: HandlerAnswer): Answer {
  if (typeof answer === "object" && "failure" in answer) throw failed(toError(answer.failure));
  return answer;
}

function failed(cause: Error): Refused {
  return new Refused("handler-error", { cause });
}
