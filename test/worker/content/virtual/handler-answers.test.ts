import { beforeEach, describe, expect, test, vi } from "vitest";
import { toErrorInfo } from "../../../../src/contract/errors.ts";
import type { FileRequest, HandlerAnswer } from "../../../../src/contract/rules/virtual-files.ts";
import { Refused } from "../../../../src/worker/content/content.ts";
import { HandlerAnswers } from "../../../../src/worker/content/virtual/handler-answers.ts";
import { requestContext } from "../fixtures.ts";

/** What main was asked, and how to answer it. */
interface Question {
  readonly id: number;
  readonly file: string;
  readonly answer: (answer: HandlerAnswer) => void;
}

let questions: Question[];
let answers: HandlerAnswers;

beforeEach(() => {
  vi.useFakeTimers();
  questions = [];
  const ask = (id: number, { file }: FileRequest): Promise<HandlerAnswer> =>
    new Promise((answer) => questions.push({ id, file, answer }));
  answers = new HandlerAnswers(ask, { timeoutMs: 3_000, maxOpen: 3, maxBytes: 100 << 20 });
});

function get(file: string, address = "192.0.2.17", id = 1): ReturnType<HandlerAnswers["get"]> {
  const asked = answers.get(id, { ...requestContext, options: {}, file, client: { address, port: 1 } });
  asked.catch(() => {});
  return asked;
}

async function causeOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.catch((thrown: unknown) => thrown);
  if (!(error instanceof Refused)) throw new Error("expected a refusal");
  return `${error.reason}: ${(error.cause as Error).message}`;
}

function bytes(length: number): HandlerAnswer {
  return { bytes: new Uint8Array(length) };
}

async function answered(file: string, mebibytes: number): Promise<Uint8Array> {
  const asked = get(file);
  questions.at(-1)!.answer(bytes(mebibytes << 20));
  const answer = await asked;
  await vi.advanceTimersByTimeAsync(0);
  if (typeof answer !== "object" || !("bytes" in answer)) throw new Error("expected bytes");
  return answer.bytes;
}

describe("a client that asks again for the same name", () => {
  test("a client that asks again before the handler's answer waits for the same one", async () => {
    const pair = [get("a"), get("a")];
    questions[0]!.answer(bytes(1));
    const [first, second] = await Promise.all(pair);
    expect(first).toBe(second);
    expect(questions).toHaveLength(1);
  });

  test.each([[bytes(1)], ["not-found" as const], ["not-mine" as const], [{ path: "/x" }]])(
    "a client that asks again gets %j for 5 s after the answer, and no longer",
    async (answer) => {
      const first = get("a");
      vi.advanceTimersByTime(2_000);
      questions[0]!.answer(answer);
      expect(await first).toBe(answer);
      vi.advanceTimersByTime(4_999);
      expect(await get("a")).toBe(answer);
      expect(questions).toHaveLength(1);
      vi.advanceTimersByTime(1);
      void get("a");
      expect(questions).toHaveLength(2);
    },
  );

  test("an answer is repeated for the same client address, name and rule only", async () => {
    void get("a");
    void get("a", "192.0.2.18");
    void get("b");
    expect(questions.map(({ file }) => file)).toEqual(["a", "a", "b"]);
    questions[0]!.answer(bytes(1));
    await vi.advanceTimersByTimeAsync(0);
    void get("a", "192.0.2.17", 2);
    expect(questions[3]).toMatchObject({ id: 2, file: "a" });
  });

  test("an answer that failed is asked for anew", async () => {
    const first = get("a");
    questions[0]!.answer({ failure: toErrorInfo(new TypeError("no such board")) });
    expect(await causeOf(first)).toBe("handler-error: no such board");
    const second = get("a");
    questions[1]!.answer(bytes(1));
    expect(await second).toEqual(bytes(1));
  });
});

describe("a handler that does not answer in time", () => {
  test("a handler that does not answer is given up after the timeout, each request after its own", async () => {
    const first = get("a");
    vi.advanceTimersByTime(2_000);
    const second = get("a");
    vi.advanceTimersByTime(1_000);
    expect(await causeOf(first)).toBe("handler-error: the handler did not answer within 3000 ms");
    questions[0]!.answer(bytes(1));
    expect(await second).toEqual(bytes(1));
    expect(questions).toHaveLength(1);
  });

  test("a handler that never answers is asked again 5 s after it was given up", async () => {
    void get("a");
    vi.advanceTimersByTime(7_999);
    void get("a");
    expect(questions).toHaveLength(1);
    vi.advanceTimersByTime(1);
    const asked = get("a");
    questions[0]!.answer("not-found");
    questions[1]!.answer(bytes(1));
    expect(await asked).toEqual(bytes(1));
  });

  test("a handler's open question counts until the answer, however long ago it was given up", async () => {
    for (const file of ["a", "b", "c"]) void get(file);
    vi.advanceTimersByTime(60_000);
    expect(await causeOf(get("d"))).toBe("handler-error: too many handlers have not answered yet");
    questions[1]!.answer("not-found");
    await vi.advanceTimersByTimeAsync(0);
    void get("d");
    expect(questions.map(({ file }) => file)).toEqual(["a", "b", "c", "d"]);
  });

  test("a handler that answers too late because its thread was busy is asked again only for a client that still waits", async () => {
    const first = get("a");
    const given = causeOf(first);
    vi.advanceTimersByTime(2_000);
    const second = get("a");
    const third = causeOf(get("b"));
    vi.advanceTimersByTime(2_999);
    questions[0]!.answer("too-late");
    await vi.advanceTimersByTimeAsync(0);
    expect(await given).toContain("did not answer within");
    expect(questions.map(({ file }) => file)).toEqual(["a", "b", "a"]);
    questions[2]!.answer(bytes(1));
    expect(await second).toEqual(bytes(1));
    vi.advanceTimersByTime(1);
    questions[1]!.answer("too-late");
    expect(await third).toContain("did not answer within");
    expect(questions).toHaveLength(3);
  });

  test("handlers that do not answer leave no more questions open than allowed", async () => {
    for (const file of ["a", "b", "c"]) void get(file);
    vi.advanceTimersByTime(7_000);
    expect(await causeOf(get("d"))).toBe("handler-error: too many handlers have not answered yet");
    questions[0]!.answer("not-mine");
    await vi.advanceTimersByTimeAsync(0);
    void get("d");
    expect(questions.map(({ file }) => file)).toEqual(["a", "b", "c", "d"]);
  });
});

test("answers kept for repeats take 64 MiB at most, and the oldest goes first", async () => {
  const fill = async (file: string): Promise<void> => {
    const asked = get(file);
    questions.at(-1)!.answer(bytes(30 << 20));
    await asked;
    await vi.advanceTimersByTimeAsync(0);
  };
  for (const file of ["a", "b", "c"]) await fill(file);
  await get("b");
  await get("c");
  expect(questions).toHaveLength(3);
  void get("a");
  expect(questions).toHaveLength(4);
});

test("answers that transfers send count together with those kept, and an answer over the limit is refused", async () => {
  const first = await answered("a", 60);
  const [release, again] = [answers.hold(first), answers.hold(first)];
  expect(await causeOf(answered("b", 50))).toBe(
    `handler-error: an answer of ${50 << 20} bytes, beside ${60 << 20} in use, is over the limit of ${100 << 20}`,
  );
  await answered("c", 40);
  release();
  release();
  expect(await causeOf(answered("d", 50))).toContain("is over the limit");
  again();
  // What is only kept for repeats makes room.
  await answered("e", 90);
  await answered("f", 90);
});
