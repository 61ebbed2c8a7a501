import { expect, test } from "vitest";
import { findCycles, importsOf, readImports } from "../../scripts/imports.ts";
import { rooms, table, violations, withTable } from "../../scripts/rooms.ts";

/** A file in each room; a room that is one file is that file. */
const fileOf = (room: string): string => (room.endsWith(".ts") ? room : `${room}/x.ts`);

test("src/ keeps to its rooms, without an import cycle", () => {
  expect(violations(readImports(new URL("../../src/", import.meta.url)))).toEqual([]);
});

const forbidden = rooms.flatMap(({ path, mayImport }) =>
  rooms.flatMap((other) =>
    other.path === path || mayImport.includes(other.path) ? [] : [[path, other.path] as const],
  ),
);

test.each(forbidden)("%s must not import %s", (room, other) => {
  const found = violations([{ from: fileOf(room), to: `./${fileOf(other)}`, line: 3 }]);
  expect(found).toEqual([expect.stringContaining(`src/${fileOf(room)}:3: ${room} must not import ${other}`)]);
});

test("no arrow goes up: a room may import only rooms below it", () => {
  const order = rooms.map(({ path }) => path);
  for (const { path, mayImport } of rooms) {
    for (const other of mayImport)
      expect([path, other, order.indexOf(other) > order.indexOf(path)]).toEqual([path, other, true]);
  }
});

test.each(["contract", "status", "worker/protocol"])("%s must not import a module of Node's, nor a package", (room) => {
  for (const to of ["node:fs", "comlink"]) {
    expect(violations([{ from: fileOf(room), to, line: 1 }])).toEqual([
      `src/${room}/x.ts:1: ${room} must not import ${to}`,
    ]);
  }
  expect(violations([{ from: fileOf("main"), to: "node:fs", line: 1 }])).toEqual([]);
});

test("a file in no room is refused", () => {
  expect(violations([{ from: "loose.ts", to: "./main/tftp.ts", line: 1 }])).toHaveLength(1);
});

test("type-only, dynamic and re-exporting imports count, and comments do not", () => {
  const source = `import type { A } from "./a.ts";
export * from "../b.ts";
const c = await import("./c.ts");
// import "./d.ts";
/** import "./e.ts" */
import {
  f,
} from "node:f";
`;
  expect(importsOf("room/x.ts", source)).toEqual([
    { from: "room/x.ts", to: "./room/a.ts", line: 1 },
    { from: "room/x.ts", to: "./b.ts", line: 2 },
    { from: "room/x.ts", to: "./room/c.ts", line: 3 },
    { from: "room/x.ts", to: "node:f", line: 8 },
  ]);
});

test("a cycle is found, and a diamond is none", () => {
  expect(findCycles(["ab", "ac", "bd", "cd"].map(arrow))).toEqual([]);
  expect(findCycles(["ab", "bc", "cb"].map(arrow))).toEqual([["b", "c"]]);
});

test("the table of rooms replaces what is between the marks of a page, and nothing else", () => {
  const [begin, end] = ["<!-- rooms: written by `npm run docs:rooms` -->", "<!-- rooms: end -->"];
  const page = `before\n${begin}\nold\n${end}\nafter`;
  expect(withTable(page)).toBe(`before\n${begin}\n\n${table()}\n\n${end}\nafter`);
  expect(withTable("no marks")).toBeUndefined();
});

/** "ab": a imports b. */
function arrow([from = "", to = ""]: string): { from: string; to: string; line: number } {
  return { from, to: `./${to}`, line: 1 };
}
