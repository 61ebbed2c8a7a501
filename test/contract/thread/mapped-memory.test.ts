import { expect, test } from "vitest";
import { MappedMemory } from "../../../src/contract/thread/mapped-memory.ts";

test("what one side enters and deletes, the other side sees", () => {
  const mine = new MappedMemory();
  const other = new MappedMemory(mine.shared);
  expect(mine.add({ address: 2 ** 46, length: 4_096 })).toBe(true);
  mine.add({ address: 8_192, length: 1 });
  expect(other.regions).toEqual([
    { address: 2 ** 46, length: 4_096 },
    { address: 8_192, length: 1 },
  ]);
  mine.delete(2 ** 46);
  mine.delete(4);
  expect(other.regions).toEqual([{ address: 8_192, length: 1 }]);
});

test("a table that is full takes no more", () => {
  const table = new MappedMemory();
  let taken = 0;
  while (table.add({ address: (taken + 1) * 4_096, length: 4_096 })) taken++;
  expect(table.regions).toHaveLength(taken);
  table.delete(4_096);
  expect(table.add({ address: 1, length: 1 })).toBe(true);
});
