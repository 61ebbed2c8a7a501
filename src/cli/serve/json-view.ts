import type { Writable } from "node:stream";
import type { TftpEvent } from "../../contract/events.ts";
import type { View } from "./view.ts";

/** Each event as a line of JSON. The first one is `listening`: a program can read the port from it, whatever else there is. */
export class JsonView implements View {
  readonly #out: Writable;
  /** What came before it; undefined once it is out. */
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
    // A reader that has fallen behind gets every outcome, but no more progress: memory has an end.
    if (event.type === "progress" && this.#out.writableNeedDrain) return;
    this.#out.write(`${JSON.stringify(event)}\n`);
  }
}
