import type { ServerResponse } from "node:http";
import type { Activity } from "../status/activity/activity.ts";
import type { Result } from "../status/activity/results.ts";
import type { SseBroadcaster } from "./sse-broadcaster.ts";
import { pageState } from "./page-state.ts";

/** The time between two updates, in ms. */
const INTERVAL = 500;
/** One update holds at most this many results: a page keeps no more. */
const MAX_NEWS = 500;

/**
 * Keeps open pages up to date. A new page gets the event `whole`, with all results; then all pages get `change`, with
 * the current state and the results that are new or changed. Does nothing while no page is open.
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

  /** Begins a page's stream with all that there is to show; beyond the limit of pages the response is a 503. */
  admit(response: ServerResponse): void {
    this.#broadcaster.admit(response, "whole", this.#message(this.#activity.results.list));
  }

  /** Sends the last update. */
  close(): void {
    this.#send();
    this.#pause();
  }

  #begin(): void {
    this.#unlisten = this.#activity.results.onResult((result) => this.#note(result));
    this.#timer = setInterval(() => this.#send(), INTERVAL).unref();
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

  #send(): void {
    this.#broadcaster.send("change", this.#message([...this.#news.values()]));
    this.#news.clear();
  }

  #message(results: readonly Result[]): object {
    return { ...pageState(this.#activity, Date.now()), results };
  }
}
