import { randomUUID } from "node:crypto";
import {
  Metadata,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { onAbort } from "../../shared/abort.ts";
import { CallFailure, type ClientConnection } from "../drivers/driver-export.ts";
import type { DriverCall, DriverResult, Frame, LogMessage } from "../wire/messages.ts";
import type { Json } from "../wire/value.ts";
import { callStatus } from "./call-status.ts";
import { DriverCalls } from "./driver-calls.ts";
import { FrameStream } from "./frame-stream.ts";
import { Resources } from "./resources.ts";
import type { Session } from "./session.ts";

/** Anything that a handler of grpc-js is given. */
interface AnyCall {
  readonly metadata: Metadata;
  on(event: "cancelled", listener: () => void): unknown;
}

/** Implements ExporterService for the calls of one connection, and Stream of RouterService. */
export class Handlers {
  readonly exporter: UntypedServiceImplementation;
  readonly router: UntypedServiceImplementation;
  readonly #session: Session;
  readonly #calls: DriverCalls;
  readonly #resources = new Resources();

  constructor(session: Session, connection: ClientConnection) {
    this.#session = session;
    this.#calls = new DriverCalls(session, connection, this.#resources);
    this.exporter = {
      GetReport: this.#unary<object, object>(async () => session.report),
      GetStatus: this.#unary<object, object>(async () => session.status.reply()),
      EndSession: this.#unary<object, object>(async () => this.#endSession()),
      DriverCall: this.#unary<DriverCall, DriverResult>(async (request, cancelled) =>
        result(await this.#calls.unary(request, cancelled)),
      ),
      StreamingDriverCall: this.#streaming<DriverCall, DriverResult>((request, cancelled, send) =>
        this.#calls.streaming(request, cancelled, (each) => send(result(each))),
      ),
      LogStream: this.#streaming<object, LogMessage>(async (_request, cancelled, send) => {
        for await (const line of session.log.lines(cancelled)) await send(line);
      }),
    };
    this.router = { Stream: (call: ServerDuplexStream<Frame, Frame>) => this.#stream(call) };
  }

  #unary<Request, Response>(work: (request: Request, cancelled: AbortSignal) => Promise<Response>) {
    return (call: ServerUnaryCall<Request, Response>, answer: sendUnaryData<Response>): void => {
      work(call.request, cancellation(call, this.#session)).then(
        (response) => answer(null, response),
        (error: unknown) => answer(callStatus(error)),
      );
    };
  }

  #streaming<Request, Response>(
    work: (request: Request, cancelled: AbortSignal, send: (response: Response) => Promise<void>) => Promise<void>,
  ) {
    return (call: ServerWritableStream<Request, Response>): void => {
      const cancelled = cancellation(call, this.#session);
      const send = async (response: Response): Promise<void> => {
        if (!call.write(response)) await drained(call, cancelled);
      };
      // So that the client has the headers before the first result, which may be long in coming.
      call.sendMetadata(new Metadata());
      work(call.request, cancelled, send).then(
        () => call.end(),
        (error: unknown) => call.emit("error", callStatus(error)),
      );
    };
  }

  /** Answers at once, with the handle by which a call will name the stream: the client waits for it. */
  #stream(call: ServerDuplexStream<Frame, Frame>): void {
    const cancelled = cancellation(call, this.#session);
    const stream = new FrameStream(call, cancelled);
    try {
      this.#calls.assertOpen();
      const uuid = this.#resources.add(stream, resourceRequest(call.metadata, this.#session));
      onAbort(cancelled, () => this.#resources.remove(uuid));
      const metadata = new Metadata();
      metadata.set("resource", JSON.stringify({ kind: "client_stream", uuid, x_jmp_content_encoding: null }));
      call.sendMetadata(metadata);
    } catch (error) {
      call.emit("error", callStatus(error));
    }
  }

  #endSession(): { readonly success: boolean; readonly message: string } {
    const { endLease } = this.#session;
    if (!endLease) return { success: false, message: "there is no lease to end" };
    // After the answer: what ends the session ends its connections, too.
    setImmediate(endLease);
    return { success: true, message: "the session is ending" };
  }
}

function result(json: Json): DriverResult {
  return { uuid: randomUUID(), result: json };
}

/** The driver that the stream is for. */
function resourceRequest(metadata: Metadata, session: Session): string {
  const [text] = metadata.get("request");
  const { kind, uuid } = parse(String(text ?? ""));
  if (kind === "driver") throw new CallFailure("NOT_FOUND", "the driver has no byte streams of its own");
  if (kind !== "resource" || typeof uuid !== "string") {
    throw new CallFailure("INVALID_ARGUMENT", "request: expected a resource with the uuid of a driver");
  }
  if (!session.tree.has(uuid)) throw new CallFailure("UNKNOWN", "there is no such driver");
  return uuid;
}

function parse(text: string): { readonly kind?: unknown; readonly uuid?: unknown } {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null ? json : {};
  } catch {
    return {};
  }
}

/** Fires when the client cancels the call, the call is over, or the session ends. */
function cancellation(call: AnyCall, { ending }: Session): AbortSignal {
  const controller = new AbortController();
  const unlisten = onAbort(ending.signal, () => controller.abort(ending.signal.reason));
  call.on("cancelled", () => {
    unlisten();
    controller.abort(new Error("the client has cancelled the call"));
  });
  return controller.signal;
}

function drained(call: ServerWritableStream<unknown, unknown>, cancelled: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      call.off("drain", settle);
      unlisten();
      resolve();
    };
    call.on("drain", settle);
    const unlisten = onAbort(cancelled, () => queueMicrotask(settle));
  });
}
