import { decode, encode } from "@jridgewell/sourcemap-codec";

interface SourceMap {
  readonly mappings: string;
  readonly names: readonly string[];
}

/**
 * The source map with the lines of the sources only: neither columns nor names, which are most of its size and which a
 * stack trace can do without.
 */
export function toLineMap(json: string): string {
  const map = JSON.parse(json) as SourceMap;
  const lines = decode(map.mappings).map((segments) => {
    let last = "";
    return segments.flatMap(([column, source, line]) => {
      const place = `${source}:${line}`;
      if (source === undefined || line === undefined || place === last) return [];
      last = place;
      return [[column, source, line, 0] as [number, number, number, number]];
    });
  });
  return JSON.stringify({ ...map, names: [], mappings: encode(lines) });
}
