import { availableParallelism } from "node:os";
import { describe, expect, test } from "vitest";
import { BriefWait } from "../../../../../src/worker/transport/linux/polling/brief-wait.ts";

const QUICK = 0.1;
const SLOW = 0.2;

function makeBriefWait(quickAnswers = 0): BriefWait {
  const briefWait = new BriefWait(true);
  answer(briefWait, quickAnswers);
  return briefWait;
}

function answer(briefWait: BriefWait, times: number, elapsedMs = QUICK): void {
  for (let time = 0; time < times; time++) briefWait.slept(elapsedMs, true);
}

/** How many quick answers it takes until a wait awake is worth it again. */
function answersNeeded(briefWait: BriefWait): number {
  let answers = 0;
  for (; !briefWait.isWorthIt; answers++) briefWait.slept(QUICK, true);
  return answers;
}

describe("when it is worth it to wait awake", () => {
  test("waiting awake is worth it from the eighth quick answer in a row on", () => {
    expect(makeBriefWait(7).isWorthIt).toBe(false);
    expect(makeBriefWait(8).isWorthIt).toBe(true);
  });

  test("waiting awake is not worth it again until eight more quick answers if one was slow", () => {
    const briefWait = makeBriefWait(7);
    answer(briefWait, 1, SLOW);
    expect(answersNeeded(briefWait)).toBe(8);
  });

  test("silence is no quick answer, however short the wait was", () => {
    const briefWait = makeBriefWait(7);
    briefWait.slept(QUICK, false);
    expect(answersNeeded(briefWait)).toBe(8);
  });

  test("waiting awake stays worth it as long as it succeeds", () => {
    const briefWait = makeBriefWait(8);
    for (let time = 0; time < 100; time++) briefWait.succeeded();
    expect(briefWait.isWorthIt).toBe(true);
  });

  test("waiting awake is never worth it if it is not possible", () => {
    const briefWait = new BriefWait(false);
    answer(briefWait, 2_000);
    expect(briefWait.isWorthIt).toBe(false);
  });

  test("waiting awake is possible with two processors, and not with one", () => {
    const briefWait = new BriefWait();
    answer(briefWait, 8);
    expect(briefWait.isWorthIt).toBe(availableParallelism() > 1);
  });
});

describe("what a wait in vain changes", () => {
  test("each wait in vain doubles the quick answers that the next one takes, up to 1,024", () => {
    const briefWait = makeBriefWait(8);
    const needed = Array.from({ length: 10 }, () => {
      briefWait.failed();
      return answersNeeded(briefWait);
    });
    expect(needed).toEqual([16, 32, 64, 128, 256, 512, 1_024, 1_024, 1_024, 1_024]);
  });

  test("each wait that succeeds takes one quick answer off what a wait in vain has added, and not more", () => {
    const briefWait = makeBriefWait(8);
    briefWait.failed();
    answersNeeded(briefWait);
    for (let time = 0; time < 3; time++) briefWait.succeeded();
    briefWait.slept(SLOW, true);
    expect(answersNeeded(briefWait)).toBe(13);
    for (let time = 0; time < 100; time++) briefWait.succeeded();
    briefWait.slept(SLOW, true);
    expect(answersNeeded(briefWait)).toBe(8);
  });

  test("another client is known neither as quick nor as slow", () => {
    const briefWait = makeBriefWait(8);
    briefWait.failed();
    answer(briefWait, 15);
    briefWait.reset();
    expect(answersNeeded(briefWait)).toBe(8);
  });
});
