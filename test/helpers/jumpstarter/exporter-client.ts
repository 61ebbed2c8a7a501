import {
  ChannelCredentials,
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  Metadata,
  type MethodDefinition,
} from "@grpc/grpc-js";
import { onTestFinished } from "vitest";
import {
  type DriverReport,
  FRAME,
  type Frame,
  type LogMessage,
  type StatusReply,
} from "../../../src/jumpstarter/wire/messages.ts";
import { exporterService, routerService } from "../../../src/jumpstarter/wire/services.ts";
import type { Json } from "../../../src/jumpstarter/wire/value.ts";

/** A failed call, as the Python client sees it. */
export interface CallError {
  readonly code: number;
  readonly details: string;
}

/** Speaks to an exporter as the Python client does, call by call, so that a test can do it wrongly, too. */
export class ExporterClient {
  readonly metadata: Metadata = new Metadata();
  readonly #client: Client;
  reports: readonly DriverReport[] = [];

  constructor(address: string, credentials: ChannelCredentials = ChannelCredentials.createInsecure()) {
    // A channel of its own, not one shared by all clients of the process.
    this.#client = new Client(address, credentials, { "grpc.use_local_subchannel_pool": 1 });
    onTestFinished(() => this.close());
  }

  static async connect(
    address: string,
    credentials?: ChannelCredentials,
    passphrase?: string,
  ): Promise<ExporterClient> {
    const client = new ExporterClient(address, credentials);
    if (passphrase !== undefined) client.metadata.set("x-jumpstarter-passphrase", passphrase);
    client.reports = (await client.unary(exporterService.GetReport, {})).reports;
    return client;
  }

  close(): void {
    this.#client.close();
  }

  /** The uuid of the driver with that name; "" is the root. */
  uuid(name: string): string {
    const report = this.reports.find(({ labels }) => (labels["jumpstarter.dev/name"] ?? "") === name);
    if (!report) throw new Error(`there is no driver ${name}`);
    return report.uuid;
  }

  unary<Request, Response>(method: MethodDefinition<Request, Response>, request: Request): Promise<Response> {
    const { path, requestSerialize, responseDeserialize } = method;
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        this.metadata,
        (error, response) => (error ? reject(error) : resolve(response as Response)),
      );
    });
  }

  async call(driver: string, method: string, ...args: Json[]): Promise<Json | undefined> {
    const { result } = await this.unary(exporterService.DriverCall, { uuid: this.uuid(driver), method, args });
    return result;
  }

  async streamingCall(driver: string, method: string, ...args: Json[]): Promise<Json[]> {
    const { path, requestSerialize, responseDeserialize } = exporterService.StreamingDriverCall;
    const request = { uuid: this.uuid(driver), method, args };
    const call = this.#client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      this.metadata,
    );
    const results: Json[] = [];
    for await (const { result } of call) results.push(result as Json);
    return results;
  }

  log(): ClientReadableStream<LogMessage> {
    const { path, requestSerialize, responseDeserialize } = exporterService.LogStream;
    return this.#client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, {}, this.metadata);
  }

  status(): Promise<StatusReply> {
    return this.unary(exporterService.GetStatus, {});
  }

  /** Opens a stream, and waits for the handle. */
  async stream(driver: string): Promise<OpenedStream> {
    const { path, requestSerialize, responseDeserialize } = routerService.Stream;
    const metadata = this.metadata.clone();
    metadata.set(
      "request",
      JSON.stringify({ kind: "resource", uuid: this.uuid(driver), x_jmp_content_encoding: null }),
    );
    const call = this.#client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata);
    return new OpenedStream(call, await handleOf(call));
  }

  async upload(path: string, content: Uint8Array): Promise<void> {
    const fd = (await this.call("storage", "open", path, "wb")) as Json;
    const stream = await this.stream("storage");
    stream.send(content);
    stream.end();
    await Promise.all([this.call("storage", "file_write", fd, stream.handle), stream.received()]);
    await this.call("storage", "file_close", fd);
  }

  async download(path: string): Promise<Buffer> {
    const fd = (await this.call("storage", "open", path, "rb")) as Json;
    const stream = await this.stream("storage");
    // As upstream's client: its own direction ends before the first byte has come.
    stream.end();
    const [content] = await Promise.all([stream.received(), this.call("storage", "file_read", fd, stream.handle)]);
    await this.call("storage", "file_close", fd);
    return content;
  }
}

/** One RouterService.Stream call to an exporter. */
export class OpenedStream {
  readonly handle: Json;
  readonly call: ClientDuplexStream<Frame, Frame>;

  constructor(call: ClientDuplexStream<Frame, Frame>, handle: Json) {
    this.call = call;
    this.handle = handle;
    call.on("error", () => {});
  }

  send(content: Uint8Array): void {
    for (let at = 0; at < content.length; at += 65_536) {
      this.call.write({ payload: content.subarray(at, at + 65_536), frameType: FRAME.data });
    }
  }

  end(): void {
    this.call.write({ payload: new Uint8Array(), frameType: FRAME.goAway });
    this.call.end();
  }

  /** All that comes until the exporter ends its direction, well: after GOAWAY. */
  received(): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const pieces: Uint8Array[] = [];
      let isComplete = false;
      this.call.on("data", ({ payload, frameType }: Frame) => {
        if (frameType === FRAME.goAway) isComplete = true;
        else pieces.push(payload);
      });
      this.call.once("error", reject);
      this.call.once("end", () => {
        if (isComplete) resolve(Buffer.concat(pieces));
        else reject(new Error("it ended without GOAWAY"));
      });
    });
  }
}

function handleOf(call: ClientDuplexStream<Frame, Frame>): Promise<Json> {
  return new Promise((resolve, reject) => {
    call.once("error", reject);
    call.once("metadata", (metadata) => {
      const [text] = metadata.get("resource");
      if (text !== undefined) resolve(JSON.parse(String(text)) as Json);
    });
  });
}

/** How a call fails: the gRPC status, and the text. */
export async function failureOf(promise: Promise<unknown>): Promise<CallError> {
  try {
    await promise;
  } catch (error) {
    const { code, details } = error as CallError;
    return { code, details };
  }
  throw new Error("the call succeeded");
}
