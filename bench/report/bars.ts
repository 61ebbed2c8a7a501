import { short } from "./markdown.ts";

const WIDTH = 880;
const LABEL = 280;
const BAR = 16;
const GAP = 4;
const GROUP = 40;
const LONGEST = WIDTH - LABEL - 150;

export interface Bar {
  readonly name: string;
  /** Infinity: it came to no end. */
  readonly value: number;
  readonly kind: "ours" | "peer" | "bound";
}

/** Bars that share a scale. */
export interface BarGroup {
  readonly title: string;
  readonly unit: string;
  readonly bars: readonly Bar[];
}

/** A picture of groups of bars below each other; `title` is for those who cannot see it. */
export function barChart(title: string, caption: string, groups: readonly BarGroup[]): string {
  const parts: string[] = [];
  let y = 44;
  for (const group of groups) {
    parts.push(text(0, y + 12, group.title, "title"), text(0, y + 30, group.unit, "unit"));
    const most = Math.max(...group.bars.map(({ value }) => value).filter(Number.isFinite));
    for (const { name, value, kind } of group.bars) {
      const length = Math.max(1, Number.isFinite(value) ? (value / most) * LONGEST : LONGEST);
      parts.push(`<rect class="${kind}" x="${LABEL}" y="${y}" width="${length.toFixed(1)}" height="${BAR}" rx="2"/>`);
      parts.push(text(LABEL + length + 6, y + 12, `${short(value)} ${name}`, "value"));
      y += BAR + GAP;
    }
    y += GROUP - BAR;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img">`,
    `<title>${escape(title)}</title>`,
    style,
    text(0, 18, caption, "title"),
    ...parts,
    "</svg>\n",
  ].join("\n");
}

/** A colour scheme of the reader's choice shows through: nothing paints the ground. */
const style = `<style>
  text { font: 12px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600 }
  .unit { fill: #656d76 }
  .ours { fill: #0969da } .peer { fill: #8c959f } .bound { fill: #d0d7de }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .unit { fill: #9198a1 }
    .ours { fill: #4493f8 } .peer { fill: #6e7681 } .bound { fill: #3d444d }
  }
</style>`;

function text(x: number, y: number, content: string, kind: string): string {
  return `<text class="${kind}" x="${x.toFixed(1)}" y="${y}">${escape(content)}</text>`;
}

function escape(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
