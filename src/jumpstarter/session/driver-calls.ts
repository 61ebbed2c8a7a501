import { onAbort } from "../../shared/abort.ts";
import {
  type ByteStream,
  type CallContext,
  CallFailure,
  type ClientConnection,
  type DriverExport,
} from "../drivers/driver-export.ts";
import { fetchStream, isUrlHandle } from "../fetch/fetch-stream.ts";
import type { DriverCall } from "../wire/messages.ts";
import type { Json } from "../wire/value.ts";
import { callStatus, isWithheld } from "./call-status.ts";
import { fieldsOf, type Resources } from "./resources.ts";
import type { Session } from "./session.ts";

/** Of a method: what is longer is cut, for clients may call anything, and all of it would be in events and in the log. */
const MAX_NAME = 100;

/** The calls that come over one connection. */
export class DriverCalls {
  readonly #session: Session;
  readonly #connection: ClientConnection;
  readonly #resources: Resources;

  constructor(session: Session, connection: ClientConnection, resources: Resources) {
    this.#session = session;
    this.#connection = connection;
    this.#resources = resources;
  }

  /** @throws {CallFailure} and what the driver throws. */
  async unary(request: DriverCall, cancelled: AbortSignal): Promise<Json> {
    return await this.#observed(request, cancelled, async (context) => {
      const call = this.#driver(request.uuid).calls.get(request.method);
      if (!call) throw unknownMethod(request.method);
      return toJson(await call(request.args, context));
    });
  }

  /** @throws {CallFailure} and what the driver throws. */
  async streaming(request: DriverCall, cancelled: AbortSignal, send: (result: Json) => Promise<void>): Promise<void> {
    await this.#observed(request, cancelled, async (context) => {
      const call = this.#driver(request.uuid).streamingCalls.get(request.method);
      if (!call) throw unknownMethod(request.method);
      for await (const result of call(request.args, context)) {
        if (context.signal.aborted) return;
        await send(toJson(result));
      }
    });
  }

  /** @throws {CallFailure} FAILED_PRECONDITION unless a lease is on. */
  assertOpen(): void {
    const { status } = this.#session.status;
    if (this.#session.status.isOpen && !this.#session.ending.signal.aborted) return;
    throw new CallFailure("FAILED_PRECONDITION", `the exporter is not ready: its status is ${status}`);
  }

  async #observed<Result>(
    request: DriverCall,
    cancelled: AbortSignal,
    work: (context: CallContext) => Promise<Result>,
  ): Promise<Result> {
    const { observer } = this.#session;
    const begun = performance.now();
    const ended = (status: number, error?: string): void =>
      observer.onCall({
        driver: this.#session.nameOf(request.uuid),
        method: request.method.slice(0, MAX_NAME),
        durationMs: performance.now() - begun,
        status,
        ...(error !== undefined && { error }),
      });
    if (!this.#session.beginCall()) {
      ended(8);
      throw new CallFailure("RESOURCE_EXHAUSTED", "too many calls at once");
    }
    try {
      this.assertOpen();
      const result = await this.#work(request.uuid, cancelled, work);
      ended(0);
      return result;
    } catch (error) {
      const { code, details } = callStatus(error);
      ended(code, details);
      if (isWithheld(error)) observer.onFailure(`${request.method.slice(0, MAX_NAME)} failed`, error);
      throw error;
    } finally {
      this.#session.endCall();
    }
  }

  async #work<Result>(
    driver: string,
    cancelled: AbortSignal,
    work: (context: CallContext) => Promise<Result>,
  ): Promise<Result> {
    const stop = new AbortController();
    const unlisten = [cancelled, this.#session.ending.signal].map((signal) =>
      onAbort(signal, () => stop.abort(signal.reason)),
    );
    try {
      return await work({
        signal: stop.signal,
        connection: this.#connection,
        take: (handle) => this.#take(handle, driver, stop.signal),
        onMoved: (moved) => this.#session.observer.onMoved(moved),
      });
    } finally {
      for (const undo of unlisten) undo();
    }
  }

  #take(handle: Json | undefined, driver: string, signal: AbortSignal): ByteStream {
    const fields = fieldsOf(handle);
    if (isUrlHandle(fields)) return fetchStream(fields, this.#session.fetchUrls, signal);
    return this.#resources.take(handle, driver);
  }

  #driver(uuid: string): DriverExport {
    const { tree } = this.#session;
    const driver = tree.find(uuid);
    if (driver) return driver;
    // A composite has no calls at all.
    if (tree.has(uuid))
      return { clientClass: "", calls: new Map(), streamingCalls: new Map(), release: async () => {} };
    throw new CallFailure("UNKNOWN", "there is no such driver");
  }
}

function unknownMethod(method: string): CallFailure {
  return new CallFailure("NOT_FOUND", `there is no such method, or not of this kind: ${method.slice(0, MAX_NAME)}`);
}

/** @throws {Error} if it is no JSON. */
function toJson(result: unknown): Json {
  if (result === undefined) return null;
  return JSON.parse(JSON.stringify(result)) as Json;
}
