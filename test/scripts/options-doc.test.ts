import { expect, test } from "vitest";
import { optionsPage, readDocstrings, readOptionTypes } from "../../scripts/options-doc.ts";

const source = readOptionTypes();

test("the page has a row for each option, with its docstring, range and default", () => {
  expect(optionsPage(source)).toMatch(
    /\| `retransmitMs` \* \| Silence before the first retransmission, in ms;.*\| a whole number from 10 to 255000 \| `1000` \|/,
  );
});

test("a docstring of several lines becomes one, without its default", () => {
  const docstring = readDocstrings("/**\n   * One;\n   * two.\n   * @default 5\n   */\n  readonly port: number;");
  expect(docstring).toEqual(new Map([["port", { text: "One; two.", fallback: "5" }]]));
});

test("a @default that is not the table's is refused", () => {
  expect(() => optionsPage(source.replace("@default 69", "@default 70"))).toThrow(
    "port: expected @default 69, as in the option table, got 70",
  );
});

test("an option without a docstring is refused", () => {
  expect(() => optionsPage(source.replace("readonly port:", "readonly porto:"))).toThrow(/^port: expected a docstring/);
});
