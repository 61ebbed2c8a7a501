import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type FuzzTarget, targets } from "./targets.ts";

describe.each(targets)("the corpus of %s", (target) => {
  const directory = fileURLToPath(new URL(`corpus/${target}/`, import.meta.url));
  const inputs = readdirSync(directory);

  test.each(inputs)("%s breaks no fact", async (input) => {
    const { fuzz } = (await import(`./targets/${target}.ts`)) as FuzzTarget;
    expect(() => fuzz(readFileSync(directory + input))).not.toThrow();
  });
});
