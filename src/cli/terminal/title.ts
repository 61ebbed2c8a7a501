import { formatEndpoint, formatEndpoints, printable } from "../../status/text/format.ts";
import { showStatus } from "../../status/activity/server-status.ts";
import type { ScreenModel } from "./screen-model.ts";
import { cut, textWidth } from "./width.ts";

/** Lines for addresses that do not fit beside the status, at most. */
const ADDRESS_LINES = 4;

/** Name, addresses and status. Addresses that do not fit into one line have lines of their own, if there is room. */
export function title(screen: ScreenModel, isRoomy: boolean): string[] {
  const { hasListened, endpoints } = screen.activity;
  if (!hasListened) return [head("tftp-driver", screen)];
  const all = `tftp-driver ${printable(formatEndpoints(endpoints))}`;
  const { text } = showStatus(screen.activity.status);
  if (endpoints.length < 2 || textWidth(`${all}  ${text}`) <= screen.columns) return [head(all, screen)];
  const addresses = endpoints.map((endpoint) => printable(formatEndpoint(endpoint)));
  if (!isRoomy) return [head(`tftp-driver ${addresses[0]} and ${addresses.length - 1} more`, screen)];
  return [head("tftp-driver", screen), ...addressLines(addresses, screen)];
}

function head(name: string, { activity, columns, style }: ScreenModel): string {
  const { text, tone } = showStatus(activity.status);
  const line = cut(`${name}  ${text}`, columns, style.signs.ellipsis);
  return style.strong(line.slice(0, name.length)) + style.tone(tone, line.slice(name.length));
}

function addressLines(addresses: readonly string[], { columns, style }: ScreenModel): string[] {
  const lines = [""];
  for (const [index, address] of addresses.entries()) {
    const last = lines.at(-1) ?? "";
    const longer = last === "" ? address : `${last}, ${address}`;
    const more = `, and ${addresses.length - index} more`;
    if (lines.length === ADDRESS_LINES && index < addresses.length - 1 && textWidth(longer + more) > columns) {
      lines[ADDRESS_LINES - 1] = last + more;
      break;
    }
    if (last === "" || textWidth(longer) <= columns) lines[lines.length - 1] = longer;
    else lines.push(address);
  }
  return lines.map((line) => cut(line, columns, style.signs.ellipsis));
}
