import { expect, test } from "vitest";
import { Slab } from "../../src/shared/slab.ts";

test("a slab yields each of its items once", () => {
  const slab = new Slab<string>();
  slab.add("one");
  const gone = slab.add("two");
  slab.add("three");
  expect(slab.delete(gone)).toBe(true);
  slab.add("four");
  expect([...slab].toSorted()).toEqual(["four", "one", "three"]);
  expect(slab.size).toBe(3);
});

test("an item that is deleted twice does not remove the one in its place", () => {
  const slab = new Slab<string>();
  const first = slab.add("first");
  slab.delete(first);
  const second = slab.add("second");
  expect(second.place).toBe(first.place);
  expect(slab.delete(first)).toBe(false);
  expect(slab.at(second.place)).toBe("second");
  expect(slab.size).toBe(1);
});

test("only the very entry is deleted, not an equal one", () => {
  const slab = new Slab<string>();
  const { place } = slab.add("somebody");
  expect(slab.delete({ item: "somebody", place })).toBe(false);
  expect(slab.at(place)).toBe("somebody");
  expect(slab.at(place + 1)).toBeUndefined();
});

test("items that stay are yielded once each, whichever are added and deleted meanwhile", () => {
  const slab = new Slab<string>();
  const entries = ["a", "b", "c", "d"].map((name) => slab.add(name));
  const seen: string[] = [];
  for (const name of slab) {
    seen.push(name);
    if (name !== "b") continue;
    for (const left of [entries[0], entries[1], entries[2]]) if (left) slab.delete(left);
    slab.add("late");
  }
  expect(seen.filter((name) => name === "d")).toEqual(["d"]);
  expect(seen).not.toContain("c");
  expect(seen.slice(0, 2)).toEqual(["a", "b"]);
});

test("an entry that was deleted refers to its item no more", () => {
  const slab = new Slab<object>();
  const entry = slab.add({});
  slab.delete(entry);
  expect(entry.item).toBeUndefined();
});
