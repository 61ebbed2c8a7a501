import { expect, test } from "vitest";
import { Driver } from "../../src/main/driver.ts";

/** Writes down what it goes through. */
class Recorder extends Driver {
  readonly name: string;
  readonly exportedMethods: readonly string[] = ["close"];
  readonly #log: string[];
  readonly #failing: string;

  constructor(name: string, log: string[], failing = "") {
    super();
    this.name = name;
    this.#log = log;
    this.#failing = failing;
  }

  adopt(child: Driver): this {
    this.addChild(child);
    return this;
  }

  protected override async endService(): Promise<void> {
    this.#step("ends");
  }

  protected override async release(): Promise<void> {
    this.#step("releases");
  }

  #step(step: string): void {
    this.#log.push(`${this.name} ${step}`);
    if (this.#failing.includes(step)) throw new Error(`${this.name} ${step}`);
  }
}

test("close() ends the service, closes the children, the last one first, then releases", async () => {
  const log: string[] = [];
  const parent = new Recorder("p", log).adopt(new Recorder("a", log)).adopt(new Recorder("b", log));
  await parent.close();
  expect(log).toEqual(["p ends", "b ends", "b releases", "a ends", "a releases", "p releases"]);
});

test("a driver's second close() joins the first", async () => {
  const log: string[] = [];
  const driver = new Recorder("p", log);
  await Promise.all([driver.close(), driver.close()]);
  await driver[Symbol.asyncDispose]();
  expect(log).toEqual(["p ends", "p releases"]);
});

test("a child that fails to close does not keep the rest open, and its error is thrown", async () => {
  const log: string[] = [];
  const parent = new Recorder("p", log).adopt(new Recorder("a", log, "ends")).adopt(new Recorder("b", log));
  await expect(parent.close()).rejects.toThrow("a ends");
  expect(log).toEqual(["p ends", "b ends", "b releases", "a ends", "a releases", "p releases"]);
});

test("several failures of close() are thrown as one AggregateError", async () => {
  const parent = new Recorder("p", [], "ends, releases");
  await expect(parent.close()).rejects.toMatchObject({ errors: [{ message: "p ends" }, { message: "p releases" }] });
});

test("children are listed by name, and a name is given once", () => {
  const parent = new Recorder("p", []).adopt(new Recorder("a", []));
  expect([...parent.children.keys()]).toEqual(["a"]);
  expect(() => parent.adopt(new Recorder("a", []))).toThrow("p already has a child named a");
});
