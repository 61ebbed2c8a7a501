import {
  Client,
  type ChannelCredentials,
  type ClientDuplexStream,
  type ClientReadableStream,
  Metadata,
} from "@grpc/grpc-js";
import type { MethodDefinition } from "@grpc/grpc-js";
import { type ExporterStatus, exporterStatuses } from "../../contract/events/exporter-events.ts";
import { type DriverReport, type Frame } from "../wire/messages.ts";
import { onAbort } from "../../shared/abort.ts";
import type { LeaseStatus, ListenReply } from "../wire/controller-messages.ts";
import { controllerService, routerService } from "../wire/services.ts";
import type { ControllerIdentity } from "./connect-options.ts";

/** How long a call to the controller may take, in ms. */
const CALL_TIMEOUT_MS = 30_000;

const CHANNEL = {
  // As upstream: a controller that has vanished is noticed, without calls, too.
  "grpc.keepalive_time_ms": 20_000,
  "grpc.keepalive_timeout_ms": 60_000,
  "grpc.keepalive_permit_without_calls": 1,
  // The link itself decides when to try again, and soon after an outage.
  "grpc.initial_reconnect_backoff_ms": 500,
  "grpc.max_reconnect_backoff_ms": 5_000,
} as const;

/** The controller, as a lease keeper calls it. */
export interface ControllerCalls {
  register(reports: readonly DriverReport[]): Promise<void>;
  reportStatus(status: ExporterStatus, message: string, releaseLease?: boolean): Promise<void>;
  releaseLease(lease: string): Promise<void>;
  unregister(reason: string): Promise<void>;
  /** The stream that is the heartbeat. It ends or throws when it is lost. */
  leaseStatus(signal: AbortSignal): AsyncIterable<LeaseStatus>;
  /** The clients that dial, while the lease is on. */
  listen(lease: string, signal: AbortSignal): AsyncIterable<ListenReply>;
}

/** Calls a controller by gRPC. */
export class ControllerLink implements ControllerCalls {
  readonly #client: Client;
  readonly #metadata = new Metadata();

  constructor(identity: ControllerIdentity, credentials: ChannelCredentials) {
    this.#client = new Client(identity.endpoint, credentials, CHANNEL);
    this.#metadata.set("authorization", `Bearer ${identity.token}`);
    this.#metadata.set("jumpstarter-kind", "Exporter");
    this.#metadata.set("jumpstarter-namespace", identity.namespace);
    this.#metadata.set("jumpstarter-name", identity.name);
  }

  async register(reports: readonly DriverReport[]): Promise<void> {
    await this.#call(controllerService.Register, { labels: {}, reports });
  }

  async reportStatus(status: ExporterStatus, message: string, releaseLease?: boolean): Promise<void> {
    const request = { status: exporterStatuses.indexOf(status), message, releaseLease };
    await this.#call(controllerService.ReportStatus, request);
  }

  async releaseLease(lease: string): Promise<void> {
    await this.#call(controllerService.ReleaseLease, { name: lease });
  }

  async unregister(reason: string): Promise<void> {
    await this.#call(controllerService.Unregister, { reason });
  }

  leaseStatus(signal: AbortSignal): AsyncIterable<LeaseStatus> {
    return this.#stream(controllerService.Status, {}, signal);
  }

  listen(lease: string, signal: AbortSignal): AsyncIterable<ListenReply> {
    return this.#stream(controllerService.Listen, { leaseName: lease }, signal);
  }

  close(): void {
    this.#client.close();
  }

  #call<Request, Response>(method: MethodDefinition<Request, Response>, request: Request): Promise<Response> {
    const { path, requestSerialize, responseDeserialize } = method;
    const options = { deadline: Date.now() + CALL_TIMEOUT_MS };
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        this.#metadata,
        options,
        (error, response) => (error ? reject(error) : resolve(response as Response)),
      );
    });
  }

  #stream<Request, Response>(
    method: MethodDefinition<Request, Response>,
    request: Request,
    signal: AbortSignal,
  ): AsyncIterable<Response> {
    const { path, requestSerialize, responseDeserialize } = method;
    const call: ClientReadableStream<Response> = this.#client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      this.#metadata,
    );
    // The signal outlives the call: in an outage there is a call every half minute.
    call.once(
      "close",
      onAbort(signal, () => call.cancel()),
    );
    return call as AsyncIterable<Response>;
  }
}

/** Opens the byte stream at a router on which a client will speak HTTP/2. */
export function openRouterStream(
  { routerEndpoint, routerToken }: ListenReply,
  credentials: ChannelCredentials,
): { readonly client: Client; readonly call: ClientDuplexStream<Frame, Frame> } {
  const client = new Client(routerEndpoint, credentials, CHANNEL);
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${routerToken}`);
  const { path, requestSerialize, responseDeserialize } = routerService.Stream;
  return { client, call: client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata) };
}
