import { decode, encode, type SourceMapSegment } from "@jridgewell/sourcemap-codec";
import { parseAst } from "rolldown/parseAst";

interface SourceMap {
  readonly mappings: string;
  readonly names: readonly string[];
}

/** Code with one statement, or one member of a class, a line, and its source map. */
export interface Lines {
  readonly code: string;
  /** JSON. For each line the source and its line only: no columns and no names, which are most of a map's size. */
  readonly map: string;
}

/** Breaks minified code into lines, so that the line in a stack trace says something, and can be found in the sources. */
export function toLines(code: string, mapJson: string): Lines {
  const map = JSON.parse(mapJson) as SourceMap;
  const ends = [...code.matchAll(/\n/g)].map(({ index }) => index + 1);
  const old = [0, ...ends];
  const breaks = new Set(statementStarts(parseAst(code)));
  for (const end of old) breaks.delete(end);
  const starts = [...old, ...breaks].toSorted((one, other) => one - other);
  const places = decode(map.mappings).flatMap((segments, line) =>
    segments.flatMap((segment) => (segment.length === 1 ? [] : [{ at: (old[line] ?? 0) + segment[0], segment }])),
  );
  let next = 0;
  const mappings = starts.map((_, line): SourceMapSegment[] => {
    const end = starts[line + 1] ?? code.length;
    const first = places[next];
    while ((places[next]?.at ?? Infinity) < end) next += 1;
    return first && first.at < end ? [[0, first.segment[1], first.segment[2], 0]] : [];
  });
  const broken = starts.map((start, line) => (breaks.has(start) ? "\n" : "") + code.slice(start, starts[line + 1]));
  return { code: broken.join(""), map: JSON.stringify({ ...map, names: [], mappings: encode(mappings) }) };
}

/** Where statements and members of classes begin: only there a line break never changes what the code means. */
function statementStarts(node: unknown): number[] {
  if (typeof node !== "object" || node === null) return [];
  const { type, body, consequent } = node as { type?: string; body?: unknown; consequent?: unknown };
  const lists = [body, type === "SwitchCase" ? consequent : undefined].filter((list) => Array.isArray(list));
  const own = lists.flat().map((child) => (child as { start: number }).start);
  return [...own, ...Object.values(node).flatMap(statementStarts)];
}
