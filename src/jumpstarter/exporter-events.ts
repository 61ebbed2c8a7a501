import { TftpError, toError, toErrorInfo } from "../contract/errors.ts";
import type { Logger } from "../contract/options/options.ts";
import { showValue } from "../contract/text/show-value.ts";
import { exporterEventText, exporterSeverity } from "../status/exporter/exporter-event-text.ts";
import {
  type ExporterEvent,
  type ExporterEventOf,
  type ExporterEventType,
  exporterEventTypes,
} from "../contract/events/exporter-events.ts";

export type ExporterEventFilter = ExporterEventType | "*";
export type ExporterEventFor<Filter extends ExporterEventFilter> = Filter extends ExporterEventType
  ? ExporterEventOf<Filter>
  : ExporterEvent;
/** May be asynchronous: what it rejects with is logged like what it throws. */
export type ExporterEventListener<Event extends ExporterEvent = ExporterEvent> = (event: Event) => unknown;

type Unstamped = ExporterEvent extends infer Each ? (Each extends ExporterEvent ? Omit<Each, "at"> : never) : never;

/** Emits an exporter's events to its listeners and its logger, in order. */
export class ExporterEvents {
  readonly #listeners = new Set<{ readonly filter: ExporterEventFilter; readonly listener: ExporterEventListener }>();
  readonly #logger: Logger | undefined;

  constructor(logger: Logger | undefined) {
    this.#logger = logger;
  }

  /** @throws {TftpError} INVALID_OPTION if there is no such type. */
  on<Filter extends ExporterEventFilter>(
    filter: Filter,
    listener: ExporterEventListener<ExporterEventFor<Filter>>,
  ): () => void {
    const known: readonly string[] = ["*", ...exporterEventTypes];
    if (!known.includes(filter)) {
      throw new TftpError("INVALID_OPTION", `type: expected one of ${known.join(", ")}, got ${showValue(filter)}`);
    }
    const subscription = { filter, listener: listener as ExporterEventListener };
    this.#listeners.add(subscription);
    return () => this.#listeners.delete(subscription);
  }

  emit(unstamped: Unstamped): void {
    const event = { ...unstamped, at: Date.now() } as ExporterEvent;
    this.#log(event);
    for (const { filter, listener } of this.#listeners) {
      if (filter === "*" || filter === event.type) this.#call(listener, event);
    }
  }

  warn(message: string, error?: unknown): void {
    this.emit({ type: "exporter-warning", message, ...(error !== undefined && { cause: toErrorInfo(error) }) });
  }

  #log(event: ExporterEvent): void {
    if (!this.#logger) return;
    const cause = "cause" in event ? event.cause : undefined;
    this.#logger[exporterSeverity(event)](cause ? { ...event, err: toError(cause) } : event, exporterEventText(event));
  }

  #call(listener: ExporterEventListener, event: ExporterEvent): void {
    const report = (error: unknown): void =>
      this.#logger?.error({ err: error, event }, "a listener of the exporter failed");
    try {
      const result = listener(event);
      if (result instanceof Promise) result.catch(report);
    } catch (error) {
      report(error);
    }
  }
}
