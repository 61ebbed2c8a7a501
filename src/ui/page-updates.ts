import type { ServerResponse } from "node:http";
import type { Activity } from "../status/activity.ts";
import type { Result } from "../status/results.ts";
import type { SseBroadcaster } from "./sse-broadcaster.ts";
import { pageState } from "./page-state.ts";

/** Pages hear of what happened this often, in ms. */
const INTERVAL = 500;
/** More results than a page keeps need not be told at once. */
const MAX_NEWS = 500;

/**
 * Tells the pages what happens: `whole` to each that comes, with every result; then `change`, with the situation of the
 * moment, and the results that are new or changed. Nothing is done while nobody looks.
 */
export class PageUpdates {
  readonly #activity: Activity;
  readonly #broadcaster: SseBroadcaster;
  #news = new Map<number, Result>();
  #timer: NodeJS.Timeout | undefined;
  #unlisten: () => void = () => {};

  constructor(activity: Activity, broadcaster: SseBroadcaster) {
    this.#activity = activity;
    this.#broadcaster = broadcaster;
    broadcaster.onPresence = (present) => (present ? this.#begin() : this.#pause());
  }

  admit(response: ServerResponse): void {
    this.#broadcaster.admit(response, "whole", this.#message(this.#activity.results.list));
  }

  /** Tells the last of it. */
  close(): void {
    this.#tell();
    this.#pause();
  }

  #begin(): void {
    this.#unlisten = this.#activity.results.onResult((result) => this.#note(result));
    this.#timer = setInterval(() => this.#tell(), INTERVAL).unref();
  }

  #pause(): void {
    this.#unlisten();
    clearInterval(this.#timer);
    this.#news.clear();
  }

  #note(result: Result): void {
    this.#news.set(result.key, result);
    if (this.#news.size > MAX_NEWS) this.#news.delete(this.#news.keys().next().value as number);
  }

  #tell(): void {
    this.#broadcaster.send("change", this.#message([...this.#news.values()]));
    this.#news.clear();
  }

  #message(results: readonly Result[]): object {
    return { ...pageState(this.#activity, Date.now()), results };
  }
}
