import { decode } from "@jridgewell/sourcemap-codec";
import { minifySync } from "rolldown/utils";
import { expect, test } from "vitest";
import { toLines } from "../../scripts/line-map.ts";

const source = `class Board {
  #name = "board";
  get name() {
    return \`\${this.#name}
      of a farm\`;
  }
  static fail(reason) {
    switch (reason) {
      case 1:
        reason += 1;
      default:
        throw new Error(reason);
    }
  }
}
export const name = new Board().name;
export { Board };
`;
const { code, map } = minifySync("source.js", source, {
  module: true,
  sourcemap: true,
  compress: false,
  mangle: false,
  codegen: { removeWhitespace: true },
});

test("each statement and each member of a class begins a line, and what the code does stays", async () => {
  const lines = toLines(code, JSON.stringify(map));
  expect(lines.code.replaceAll("\n", "")).toBe(code.replaceAll("\n", ""));
  for (const start of ["#name", "get name", "return", "static fail", "switch", "reason+=1", "throw", "export const"]) {
    expect(
      lines.code.split("\n").some((line) => line.startsWith(start)),
      start,
    ).toBe(true);
  }
  const { name } = (await import(`data:text/javascript,${encodeURIComponent(lines.code)}`)) as { name: string };
  expect(name).toBe("board\n      of a farm");
});

test("each line is mapped to the line of the source that it comes from", () => {
  const lines = toLines(code, JSON.stringify(map));
  const { mappings } = JSON.parse(lines.map) as { mappings: string };
  const at = lines.code.split("\n").findIndex((line) => line.startsWith("throw"));
  const [segment] = decode(mappings)[at] ?? [];
  expect(source.split("\n")[segment?.[2] ?? -1]).toContain("throw new Error");
});
