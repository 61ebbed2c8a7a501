import type { Writable } from "node:stream";

/** What may wait for a reader that has fallen behind, in bytes. */
const MAX_WAITING = 256 * 1_024;
/** A reader that does not read is waited for at the end, in ms. */
const END_TIMEOUT_MS = 1_000;

/**
 * Lines for a reader that may be slow, or not read at all: a pipe to a stopped program, a terminal with Ctrl-S. It
 * never blocks this thread, and holds 256 KiB at most. A line in place of those left out counts them by their kind.
 */
export class BoundedOutput {
  readonly #out: Writable;
  readonly #describeLoss: (lost: Readonly<Record<string, number>>) => string;
  readonly #lost = new Map<string, number>();

  /** `describeLoss`: the line in place of those that are missing, given how many of each kind. */
  constructor(out: Writable, describeLoss: (lost: Readonly<Record<string, number>>) => string) {
    this.#out = out;
    this.#describeLoss = describeLoss;
    out.on("drain", () => this.#reportLoss());
  }

  /** The reader has not read all of what was written. */
  get isBehind(): boolean {
    return this.#out.writableNeedDrain;
  }

  write(line: string, kind: string): void {
    // Also while a loss waits to be reported: its place is before this line.
    if (this.#lost.size > 0 || this.#out.writableLength + line.length >= MAX_WAITING) {
      this.#lost.set(kind, (this.#lost.get(kind) ?? 0) + 1);
    } else this.#out.write(`${line}\n`);
  }

  #reportLoss(): void {
    if (this.#lost.size === 0) return;
    const line = this.#describeLoss(Object.fromEntries(this.#lost));
    this.#lost.clear();
    this.#out.write(`${line}\n`);
  }
}

/**
 * Has writes to a terminal wait in this process instead of blocking the thread: with Ctrl-S it would be blocked for
 * ever. Node has no public switch for it; without the switch all works, too. Pipes do not block by themselves.
 */
export function neverBlock(out: Writable): void {
  // oxlint-disable-next-line no-underscore-dangle -- the name that Node gave it
  (out as { _handle?: { setBlocking?: (blocking: boolean) => void } })._handle?.setBlocking?.(false);
}

/** Resolves when everything is written; with false if the reader does not read it within a second. */
export async function flushed(out: Writable): Promise<boolean> {
  if (out.writableLength === 0 || out.destroyed) return true;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(resolve, END_TIMEOUT_MS, false)));
  const written = new Promise<boolean>((resolve) => out.write("", () => resolve(true)));
  return await Promise.race([written, late]).finally(() => clearTimeout(timer));
}
