import type { WriteStream } from "node:tty";
import type { TftpEvent } from "../../contract/events/events.ts";
import type { ExporterEvent } from "../../contract/events/exporter-events.ts";
import type { Activity } from "../../status/activity/activity.ts";
import { eventLine } from "../../status/text/event-line.ts";
import { BoundedOutput } from "../bounded-output.ts";
import type { View } from "../serve/view/view.ts";
import { frame } from "./frame.ts";
import { Screen } from "./screen.ts";
import type { Style } from "./style.ts";
import { Suspension } from "./suspension.ts";

/** In ms, the least time between two redraws. */
const INTERVAL = 200;
/** In ms, the most time between two redraws: a stalled transfer has no events, but its time passes. */
const TICK = 1_000;

/** How many event lines, at most, are left on the terminal at the end. */
const KEEP = 200;

/** What has begun well, or goes on for ever. */
const opening: ReadonlySet<string> = new Set(["listening", "exporter-listening", "controller"]);

/** Shows a live screen while the server runs, and leaves the events on the terminal as plain lines at the end. */
export class TerminalView implements View {
  readonly #out: WriteStream;
  /** The lines after the screen was left. */
  readonly #rest: BoundedOutput;
  readonly #activity: Activity;
  readonly #style: Style;
  readonly #screen: Screen;
  readonly #suspension: Suspension;
  readonly #notices: string[] = [];
  #history: string[] = [];
  #forgotten = 0;
  #drawnAt = 0;
  #pending: NodeJS.Timeout | undefined;
  #ticks: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(out: WriteStream, activity: Activity, style: Style) {
    this.#out = out;
    this.#rest = new BoundedOutput(out, ({ line = 0 }) => `${line} lines were not written`);
    this.#activity = activity;
    this.#style = style;
    this.#screen = new Screen(out);
    this.#suspension = new Suspension(this.#screen, () => this.#draw());
  }

  show(event: TftpEvent | ExporterEvent): void {
    const line = eventLine(event);
    if (this.#ended) {
      if (line !== undefined) this.#rest.write(line, "line");
      return;
    }
    if (line !== undefined) this.#remember(line);
    // Not before: a failed start is reported on the screen that the command was typed on.
    if (opening.has(event.type)) this.#open();
    this.#schedule();
  }

  say(line: string): void {
    this.#notices.push(line);
    this.#schedule();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#pending);
    clearInterval(this.#ticks);
    this.#out.off("resize", this.#schedule);
    this.#suspension.close();
    this.#screen.leave();
    const omitted = this.#forgotten > 0 ? [`(${this.#forgotten} earlier lines are not kept)`] : [];
    for (const line of [...omitted, ...this.#history]) this.#out.write(`${line}\n`);
  }

  #open(): void {
    if (this.#screen.entered) return;
    this.#screen.enter();
    this.#out.on("resize", this.#schedule);
    this.#ticks = setInterval(this.#schedule, TICK).unref();
  }

  #remember(line: string): void {
    this.#history.push(line);
    if (this.#history.length <= KEEP) return;
    this.#history.shift();
    this.#forgotten++;
  }

  /** Schedules one redraw, however many events arrive until then. */
  readonly #schedule = (): void => {
    if (!this.#screen.entered || this.#ended) return;
    this.#pending ??= setTimeout(() => this.#draw(), this.#drawnAt + INTERVAL - performance.now()).unref();
  };

  #draw(): void {
    clearTimeout(this.#pending);
    this.#pending = undefined;
    this.#drawnAt = performance.now();
    const model = { activity: this.#activity, notices: this.#notices, now: Date.now(), style: this.#style };
    this.#screen.draw(frame({ ...model, ...this.#screen.size }));
  }
}
