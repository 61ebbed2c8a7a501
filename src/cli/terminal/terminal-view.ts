import type { WriteStream } from "node:tty";
import type { TftpEvent } from "../../contract/events.ts";
import type { Activity } from "../../status/activity.ts";
import { eventLine } from "../../status/event-line.ts";
import type { View } from "../serve/view.ts";
import { frame } from "./frame.ts";
import { Screen } from "./screen.ts";
import type { Style } from "./style.ts";
import { Suspension } from "./suspension.ts";

/** Redrawn at most five times a second, and at least once: time passes, and a stalled transfer tells nothing. */
const INTERVAL = 200;
const TICK = 1_000;

/** So many lines of what happened are left behind on the terminal. */
const KEEP = 200;

/** On a terminal: a screen of its own while it serves, and what happened as plain lines in the end. */
export class TerminalView implements View {
  readonly #out: WriteStream;
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
    this.#activity = activity;
    this.#style = style;
    this.#screen = new Screen(out);
    this.#suspension = new Suspension(this.#screen, () => this.#draw());
  }

  show(event: TftpEvent): void {
    const line = eventLine(event);
    if (this.#ended) {
      if (line !== undefined) this.#out.write(`${line}\n`);
      return;
    }
    if (line !== undefined) this.#remember(line);
    // Not before: a start that fails is told on the screen that it was typed on.
    if (event.type === "listening") this.#open();
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

  /** However much happens, one redraw is due at a time. */
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
