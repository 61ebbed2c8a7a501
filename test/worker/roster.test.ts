import { expect, test } from "vitest";
import { Roster } from "../../src/worker/roster.ts";

test("a roster hands out everybody who is there, once each", () => {
  const roster = new Roster<string>();
  roster.add("one");
  const gone = roster.add("two");
  roster.add("three");
  expect(roster.delete(gone)).toBe(true);
  roster.add("four");
  expect([...roster].toSorted()).toEqual(["four", "one", "three"]);
  expect(roster.size).toBe(3);
});

test("who has left twice does not take the place of who sits there now", () => {
  const roster = new Roster<string>();
  const first = roster.add("first");
  roster.delete(first);
  const second = roster.add("second");
  expect(second.place).toBe(first.place);
  expect(roster.delete(first)).toBe(false);
  expect(roster.at(second.place)).toBe("second");
  expect(roster.size).toBe(1);
});

test("only a seat itself is deleted, not what looks like it", () => {
  const roster = new Roster<string>();
  const { place } = roster.add("somebody");
  expect(roster.delete({ item: "somebody", place })).toBe(false);
  expect(roster.at(place)).toBe("somebody");
  expect(roster.at(place + 1)).toBeUndefined();
});

test("those that stay are handed out once each, whoever comes and goes meanwhile", () => {
  const roster = new Roster<string>();
  const seats = ["a", "b", "c", "d"].map((name) => roster.add(name));
  const seen: string[] = [];
  for (const name of roster) {
    seen.push(name);
    if (name !== "b") continue;
    for (const left of [seats[0], seats[1], seats[2]]) if (left) roster.delete(left);
    roster.add("late");
  }
  expect(seen.filter((name) => name === "d")).toEqual(["d"]);
  expect(seen).not.toContain("c");
  expect(seen.slice(0, 2)).toEqual(["a", "b"]);
});
