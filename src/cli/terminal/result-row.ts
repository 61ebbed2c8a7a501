import type { Result } from "../../status/activity/results.ts";
import type { ScreenModel } from "./screen-model.ts";
import { cut, cutStart, fit, fitEnd, textWidth } from "./width.ts";

/** "14:02:11" */
const TIME = 8;
/** "client error" */
const WHAT = 12;
/** "255.255.255.255", and with ":65535" if there is room. */
const ADDRESS = 15;
const ENDPOINT = 21;

/** "14:02:11 complete     192.168.1.17     board1/zImage  11 MiB in 2.0 s, 5.5 MiB/s" */
export function resultRow(result: Result, { columns, style }: ScreenModel): string {
  const { ellipsis } = style.signs;
  const { at, what, tone, client = "", file, detail } = result;
  const time = new Date(at).toTimeString().slice(0, TIME);
  const whose = columns >= 76 ? `${shownClient(client, columns, ellipsis)}  ` : "";
  const left = columns - TIME - 1 - WHAT - 2 - textWidth(whose);
  // Not even a name fits: the result is worth more than its time.
  if (left < 8) return style.tone(tone, cut(`${what} ${file ?? detail}`, columns, ellipsis));
  const rest = `${whose}${subject(file, detail, left, ellipsis)}`;
  return `${style.faint(time)} ${style.tone(tone, fit(what, WHAT, ellipsis))}  ${rest}`;
}

/** Leaves out the port if there is little room. */
function shownClient(client: string, columns: number, ellipsis: string): string {
  if (columns >= 100) return fitEnd(client, ENDPOINT, ellipsis);
  return fitEnd(client.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1"), ADDRESS, ellipsis);
}

/** The file, and how it went, as far as there is room. A name gets at least half of it. */
function subject(file: string | undefined, detail: string, room: number, ellipsis: string): string {
  if (file === undefined) return cut(detail, room, ellipsis);
  const forFile = Math.max(room - textWidth(detail) - 2, Math.floor(room / 2));
  const name = cutStart(file, forFile, ellipsis);
  const left = room - textWidth(name) - 2;
  // A fragment of the detail would say nothing.
  return left < Math.min(textWidth(detail), 12)
    ? cutStart(file, room, ellipsis)
    : `${name}  ${cut(detail, left, ellipsis)}`;
}
