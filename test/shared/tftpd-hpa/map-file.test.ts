import { describe, expect, test } from "vitest";
import { parseMapFile } from "../../../src/shared/tftpd-hpa/map-file.ts";
import { type MapResult, runMap } from "../../../src/shared/tftpd-hpa/run-map.ts";

const run = (text: string, name: string, address = "192.0.2.169"): MapResult =>
  runMap(parseMapFile(text), name, { address });

describe("a name goes through the map as tftpd(8) says", () => {
  test.each<[what: string, map: string, name: string, result: string]>([
    ["nothing matches", "r ^a b", "x", "x"],
    ["r replaces what matched", "r ^/tftpboot/ /", "/tftpboot/zImage", "/zImage"],
    ["all rules are processed", "r a b\nr b c", "a", "c"],
    ["e ends the rules", "re a b\nr b c", "a", "b"],
    ["s starts anew", "r ^b c\nrs ^a b\nr c d", "a", "d"],
    ["g replaces all", String.raw`rg \\ /`, String.raw`a\b\c`, "a/b/c"],
    ["gg goes on behind what it put", "rgg a aa", "aba", "aabaa"],
    ["gg with an empty match comes to an end", "rgg x* -", "ab", "-a-b-"],
    ["i passes over the case", "ri ^BOOT/ x/", "boot/a", "x/a"],
    ["~ applies if nothing matches", "~j ^/ relative\nr ^/ abs/\ne ^\n:relative\nr ^ rel/", "a", "rel/a"],
    ["\\0 to \\9", String.raw`r ^([a-z]+)-([0-9]+)$ \2/\1/\0`, "board-7", "7/board/board-7"],
    ["\\i and \\x", String.raw`r ^ \i/\x/`, "f", "192.0.2.169/C00002A9/f"],
    ["\\U, \\L, \\E", String.raw`r ^(.)(.*)$ \U\1x\L\2Y\E-Z`, "aBC", "AXbcy-Z"],
    ["\\U and \\L change ASCII only", String.raw`r ^.*$ \U\0\L\0`, "aßÄ", "AßÄaßÄ"],
    ["an escaped blank, # and backslash", String.raw`r a\ b \#\\\ c`, "a b", String.raw`#\ c`],
    ["comments and empty lines", "# first\n\nr a b # behind\n", "a", "b"],
    ["P is for writes", "rP a b", "a", "a"],
    ["G is for reads", "rG a b", "a", "b"],
    ["4 and 6", "r6 a six\nr4 a four", "a", "four"],
    ["j jumps", "j ^ end\nr a b\n:end\nr a c", "a", "c"],
    ["no replacement removes", "r ^/srv/", "/srv/a", "a"],
  ])("%s", (_, map, name, result) => {
    expect(run(map, name)).toEqual({ name: result });
  });

  test("a refuses, with its text if it has one", () => {
    expect(run("a \\.pvt$", "x.pvt")).toEqual({ refused: undefined });
    expect(run(String.raw`a ^(secret) no\ \1`, "secret/a")).toEqual({ refused: "no secret" });
    expect(run("a~ ^public/ only\\ public", "x")).toEqual({ refused: "only public" });
  });

  test("\\x of an IPv6 address has all of its digits", () => {
    const expanded = run(String.raw`r ^.*$ \x`, "f", "2001:db8::1");
    expect(expanded).toEqual({ name: "20010DB8000000000000000000000001" });
  });
});

test.each<[expression: string, yes: string, no: string]>([
  ["[[:digit:]]+\\.img", "7.img", "a.img"],
  ["^[]a]$", "]", "b"],
  ["^[^]a]$", "b", "]"],
  ["^[a\\]$", "\\", "b"],
  ["^[a-c-]$", "-", "d"],
  ["^a{2,3}$", "aa", "a"],
  ["^a{$", "a{", "a"],
  ["^(a|b)+$", "ab", "c"],
  ["^a/b$", "a/b", "ab"],
  ["\\<boot\\>", "x boot y", "reboot"],
  ["^\\d$", "d", "7"],
  ["^a\\(?b$", "a(b", "a((b"],
  ["^}*$", "}}", "a"],
  ["^a\\++$", "a++", "a"],
  ["^(.)(.)\\2\\1$", "abba", "abab"],
])("the expression %s matches %j and not %j, as regex(7) has it", (expression, yes, no) => {
  expect(run(`a ${expression.replaceAll(" ", "\\ ")}`, yes)).toHaveProperty("refused");
  expect(run(`a ${expression}`, no)).toEqual({ name: no });
});

test.each<[map: string, message: string]>([
  ["r a b\nq x y", "line 2: expected an operation, got q"],
  ["r", "line 1: expected a regular expression"],
  ["ra a b", "line 1: r and a cannot be combined"],
  ["rE a b", "line 1: E is not known here"],
  ["r [a b", "line 1: expected a ]"],
  ["r (a b", "line 1: Invalid regular expression"],
  ["r [[.a.]] b", "line 1: expected no collating element"],
  ["r [[:nope:]] b", "line 1: expected a class of characters, got [:nope"],
  ["r (?:a) b", "line 1: expected no ? behind a ("],
  ["r a*? b", "line 1: expected nothing repeated twice, got *?"],
  [String.raw`r \\+? b`, "line 1: expected nothing repeated twice, got +?"],
  ["r a{2}? b", "line 1: expected nothing repeated twice, got }?"],
  [String.raw`r (a)\2 b`, String.raw`line 1: expected a group before \2`],
  ["j ^ nowhere", 'line 1: expected the name of a label, got "nowhere"'],
])("%j is refused, with its line", (map, message) => {
  expect(() => parseMapFile(map)).toThrow(message);
});

test.each([
  ["rs ^a$ a", "a", "does not come to an end: line 1"],
  ["rg a aa", "a", "too long: line 1"],
  ["rg x* y", "a", "line 1"],
])("the map %j is stopped", (map, name, message) => {
  expect(() => run(map, name)).toThrow(message);
});

test("a map of 4,096 rules comes to an end, and more, of which the last are never reached, are refused", () => {
  const rule = "r ^never$ x\n";
  expect(run(rule.repeat(4_096), "a")).toEqual({ name: "a" });
  expect(() => parseMapFile(rule.repeat(4_097))).toThrow("expected at most 4096 rules, got 4097");
});

test("a dot is any character, a line break, too", () => {
  expect(run("a ^secret.*$ no", "secret\nfile")).toEqual({ refused: "no" });
});
