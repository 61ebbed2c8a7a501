import { expect, test } from "vitest";
import { TftpError, toError, type ErrorInfo } from "../../../src/contract/errors.ts";
import { withPlainErrors } from "../../../src/contract/thread/plain-errors.ts";

class Counter {
  #count = 0;

  async add(amount: number): Promise<number> {
    return (this.#count += amount);
  }

  async refuse(): Promise<never> {
    throw new TftpError("NOT_FOUND", `nothing after ${this.#count}`);
  }
}

test("a wrapped method answers as before, with the same state", async () => {
  const counter = withPlainErrors(new Counter());
  await counter.add(1);
  expect(await counter.add(2)).toBe(3);
});

test("what a wrapped method throws survives structured clone, class and code", async () => {
  const thrown: unknown = await withPlainErrors(new Counter())
    .refuse()
    .catch((error: unknown) => error);
  expect(thrown).not.toBeInstanceOf(Error);
  const revived = toError(structuredClone(thrown) as ErrorInfo);
  expect(revived).toBeInstanceOf(TftpError);
  expect(revived).toMatchObject({ code: "NOT_FOUND", message: "nothing after 0" });
});
