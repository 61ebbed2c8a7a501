import type { Writable } from "node:stream";
import type { TftpEvent } from "../../contract/events.ts";
import type { View } from "./view.ts";

/** Prints each event as a line of JSON. The first one is always `listening`, so that a program can read the port from it. */
export class JsonView implements View {
  readonly #out: Writable;
  /** The events before `listening`; undefined once that is printed. */
  #early: TftpEvent[] | undefined = [];

  constructor(out: Writable) {
    this.#out = out;
  }

  show(event: TftpEvent): void {
    if (!this.#early) return this.#write(event);
    if (event.type !== "listening") return void this.#early.push(event);
    const { type, host, port, ...rest } = event;
    for (const waiting of [{ type, host, port, ...rest }, ...this.#early]) this.#write(waiting);
    this.#early = undefined;
  }

  say(): void {}

  #write(event: TftpEvent): void {
    // A reader that falls behind gets no progress events, to bound the memory for what it has not read.
    if (event.type === "progress" && this.#out.writableNeedDrain) return;
    this.#out.write(`${JSON.stringify(event)}\n`);
  }
}
