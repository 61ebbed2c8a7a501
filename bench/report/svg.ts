import { LEAST_C, NPM_TFTP } from "../contenders.ts";
import type { Line } from "../table.ts";
import { short } from "./markdown.ts";
import type { Report } from "./report.ts";

const WIDTH = 880;
const LABEL = 280;
const BAR = 16;
const GAP = 4;
const GROUP = 40;
const LONGEST = WIDTH - LABEL - 150;

/** The first table's speeds as bars: ours, the best native peer, npm tftp, and the bound that C sets. */
export function toSvg(report: Report): string {
  const parts: string[] = [];
  let y = 44;
  for (const line of (report.tables[0]?.lines ?? []).filter(({ row }) => row.better === "more")) {
    const bars = barsOf(line);
    parts.push(text(0, y + 12, line.row.title, "title"), text(0, y + 30, line.row.unit, "unit"));
    const most = Math.max(...bars.map(({ value }) => value));
    for (const { name, value, kind } of bars) {
      const length = Math.max(1, (value / most) * LONGEST);
      parts.push(`<rect class="${kind}" x="${LABEL}" y="${y}" width="${length.toFixed(1)}" height="${BAR}" rx="2"/>`);
      parts.push(text(LABEL + length + 6, y + 12, `${short(value)} ${name}`, "value"));
      y += BAR + GAP;
    }
    y += GROUP - BAR;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img">`,
    "<title>tftp-driver and other TFTP servers, server and client on one core</title>",
    style,
    text(0, 18, `Server and client on one core; longer is better. ${report.date}`, "title"),
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

interface Bar {
  readonly name: string;
  readonly value: number;
  readonly kind: "ours" | "peer" | "bound";
}

function barsOf({ row, figures, bestPeer }: Line): readonly Bar[] {
  const shown = row.against === NPM_TFTP ? [row.ours, NPM_TFTP] : [row.ours, bestPeer?.contender.id, NPM_TFTP, LEAST_C];
  return figures
    .filter(({ contender, median }) => shown.includes(contender.id) && !Number.isNaN(median))
    .map(({ contender, median }) => ({ name: contender.id, value: median, kind: contender.role }));
}

function text(x: number, y: number, content: string, kind: string): string {
  return `<text class="${kind}" x="${x.toFixed(1)}" y="${y}">${content.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</text>`;
}
