import type { TftpEvent } from "../../../contract/events/events.ts";
import type { ExporterEvent } from "../../../contract/events/exporter-events.ts";
import type { Activity } from "../../../status/activity/activity.ts";
import { eventLine } from "../../../status/text/event-line.ts";
import { BoundedOutput } from "../../bounded-output.ts";
import { chooseStyle } from "../../terminal/style.ts";
import { TerminalView } from "../../terminal/terminal-view.ts";
import { JsonView } from "./json-view.ts";
import type { View } from "./view.ts";

/** A line for each event that matters. */
class PlainView implements View {
  readonly #out = new BoundedOutput(process.stdout, ({ line = 0 }) => `${line} lines were not written`);

  show(event: TftpEvent | ExporterEvent): void {
    const line = eventLine(event);
    if (line !== undefined) this.say(line);
  }

  say(line: string): void {
    this.#out.write(line, "line");
  }
}

export interface ViewChoice {
  readonly json: boolean;
  /** Lines also on a terminal. */
  readonly plain?: boolean;
}

/** @param activity gets every event before the view does. */
export function chooseView({ json, plain = false }: ViewChoice, activity: Activity): View {
  const { stdout, env } = process;
  if (json) return new JsonView(stdout, { startsWithListening: activity.exporter === undefined });
  if (plain || !stdout.isTTY || env["TERM"] === "dumb") return new PlainView();
  return new TerminalView(stdout, activity, chooseStyle(env));
}
