import type { Writable } from "node:stream";
import type { TftpEvent } from "../../../contract/events/events.ts";
import type { ExporterEvent } from "../../../contract/events/exporter-events.ts";
import { BoundedOutput } from "../../bounded-output.ts";
import type { View } from "./view.ts";

/** Prints each event as a line of JSON. The first one of a server is always `listening`: a program can read the port from it. */
export class JsonView implements View {
  readonly #out: BoundedOutput;
  /** The events before `listening`; undefined once that is printed. */
  #early: (TftpEvent | ExporterEvent)[] | undefined;

  /** @param options An exporter listens in another way, and its servers start when a client says so. */
  constructor(out: Writable, { startsWithListening = true }: { readonly startsWithListening?: boolean } = {}) {
    this.#early = startsWithListening ? [] : undefined;
    this.#out = new BoundedOutput(out, lostLine);
  }

  show(event: TftpEvent | ExporterEvent): void {
    if (!this.#early) return this.#write(event);
    if (event.type !== "listening") return void this.#early.push(event);
    const { type, host, port, ...rest } = event;
    for (const early of [{ type, host, port, ...rest }, ...this.#early]) this.#write(early);
    this.#early = undefined;
  }

  say(): void {}

  #write(event: TftpEvent | ExporterEvent): void {
    // A reader that falls behind gets no progress events, and of the rest what the output holds, to bound the memory.
    if (event.type === "progress" && this.#out.isBehind) return;
    this.#out.write(JSON.stringify(event), event.type);
  }
}

/** An event of the command line's own, in place of those that the reader did not read in time. */
function lostLine(events: Readonly<Record<string, number>>): string {
  const count = Object.values(events).reduce((sum, each) => sum + each, 0);
  return JSON.stringify({ type: "lost", at: Date.now(), count, events });
}
