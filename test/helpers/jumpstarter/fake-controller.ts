import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import {
  ChannelCredentials,
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
} from "@grpc/grpc-js";
import { expect, onTestFinished } from "vitest";
import { RouterConnection } from "../../../src/jumpstarter/controller/router-connection.ts";
import type { LeaseStatus, ListenReply, ListenRequest } from "../../../src/jumpstarter/wire/controller-messages.ts";
import { exporterStatuses } from "../../../src/contract/events/exporter-events.ts";
import { FRAME, type Frame } from "../../../src/jumpstarter/wire/messages.ts";
import { controllerService, routerService } from "../../../src/jumpstarter/wire/services.ts";
import { ExporterClient } from "./exporter-client.ts";
import { clientService, type Lease, type Named } from "./client-service.ts";

type Handler<Request, Response> = (call: ServerUnaryCall<Request, Response>, answer: sendUnaryData<Response>) => void;
type Statuses = ServerWritableStream<object, LeaseStatus>;
type Listens = ServerWritableStream<ListenRequest, ListenReply>;
type Tube = ServerDuplexStream<Frame, Frame>;

/** The statuses in which a client gets through to the exporter. */
const admitting = new Set(["LEASE_READY", "BEFORE_LEASE_HOOK", "AFTER_LEASE_HOOK", "BEFORE_LEASE_HOOK_FAILED"]);

/** A controller and router of one exporter, by TLS, for its clients, too. Closed with the test. */
export class FakeController {
  /** What the exporter has called, in order. */
  readonly calls: string[] = [];
  endpoint = "";
  readonly #cert: Buffer;
  readonly #server = new Server();
  #lease: string | undefined;
  #status = "";
  readonly #statuses = new Set<Statuses>();
  #listen: Listens | undefined;
  /** Router streams that wait for their other end, by their token. */
  readonly #tubes = new Map<string, Tube>();
  /** Those that are joined or wait. */
  readonly #open = new Set<Tube>();

  private constructor(cert: Buffer) {
    this.#cert = cert;
  }

  /**
   * @param port 0 takes any free one; another one is that of a controller that was stopped.
   * @param lease What it remembers of that one.
   */
  static async start(cert: Buffer, key: Buffer, port = 0, lease?: string): Promise<FakeController> {
    const controller = new FakeController(cert);
    controller.#lease = lease;
    await controller.#start(ServerCredentials.createSsl(null, [{ cert_chain: cert, private_key: key }]), port);
    onTestFinished(() => controller.#server.forceShutdown());
    return controller;
  }

  /** Gives the exporter to a client; undefined takes it away. */
  lease(name: string | undefined): void {
    this.#lease = name;
    for (const stream of this.#statuses) this.#sayTo(stream);
  }

  /** A new connection of a client: what it gets from Dial. */
  dial(): ListenReply {
    const reply = { routerEndpoint: this.endpoint, routerToken: randomUUID() };
    this.#listen?.write(reply);
    return reply;
  }

  get port(): number {
    return Number(this.endpoint.split(":").at(-1));
  }

  /** Ends at once, and forgets everything. */
  stop(): void {
    this.#server.forceShutdown();
  }

  /** The Status and Listen streams are lost; what travels through the router goes on. */
  dropStreams(): void {
    for (const stream of [...this.#statuses, this.#listen]) stream?.emit("error", { code: 14, details: "gone" });
    this.#statuses.clear();
    this.#listen = undefined;
  }

  /** The router resets every stream that it has. */
  resetRouter(): void {
    for (const tube of this.#open) {
      tube.write({ payload: new Uint8Array(), frameType: FRAME.reset });
      tube.emit("error", { code: 14, details: "the router has gone" });
    }
    this.#open.clear();
  }

  /** A client of the exporter, through the router, as soon as the exporter lets clients in. */
  async client(): Promise<ExporterClient> {
    await expect.poll(() => admitting.has(this.#status) && this.#listen !== undefined).toBe(true);
    const credentials = ChannelCredentials.createSsl(this.#cert);
    const server = createServer((socket) => {
      const far = new RouterConnection(this.dial(), credentials);
      for (const each of [socket, far]) each.on("error", () => {});
      socket.on("close", () => far.destroy());
      far.on("close", () => socket.destroy());
      socket.pipe(far).pipe(socket);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    return await ExporterClient.connect(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  async #start(credentials: ServerCredentials, wanted: number): Promise<void> {
    this.#server.addService(controllerService, {
      Register: this.#noted("register", { uuid: randomUUID() }),
      Unregister: this.#noted("unregister", {}),
      ReleaseLease: (_call: unknown, answer: sendUnaryData<object>) => {
        this.calls.push("release");
        answer(null, {});
        this.lease(undefined);
      },
      ReportStatus: (call: ServerUnaryCall<{ status: number }, object>, answer: sendUnaryData<object>) => {
        this.#status = exporterStatuses[call.request.status] ?? "";
        this.calls.push(this.#status);
        answer(null, {});
      },
      Status: (stream: Statuses) => {
        this.#statuses.add(stream);
        stream.on("cancelled", () => this.#statuses.delete(stream));
        this.#sayTo(stream);
      },
      Listen: (stream: Listens) => {
        this.calls.push("listen");
        this.#listen = stream;
      },
    });
    this.#server.addService(routerService, { Stream: (tube: Tube) => this.#join(tube) });
    this.#addClientService();
    const port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync(`127.0.0.1:${wanted}`, credentials, (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    this.endpoint = `localhost:${port}`;
  }

  #addClientService(): void {
    const answerLease: Handler<object, Lease> = (_call, answer) => answer(null, leaseOf(this.#lease ?? "none"));
    this.#server.addService(clientService, {
      CreateLease: ((call, answer) => {
        this.lease(randomUUID());
        answerLease(call, answer);
      }) satisfies Handler<object, Lease>,
      GetLease: answerLease,
      DeleteLease: ((_call, answer) => {
        this.lease(undefined);
        answer(null, {});
      }) satisfies Handler<Named, object>,
      GetExporter: (call: ServerUnaryCall<Named, object>, answer: sendUnaryData<object>) =>
        answer(null, { name: call.request.name, online: true, status: 2 }),
      // As the real one: it waits for an exporter that is about to be ready.
      Dial: ((_call, answer) => {
        const tryIt = (): void => {
          if (admitting.has(this.#status) && this.#listen) answer(null, this.dial());
          else if (this.#lease === undefined) answer({ code: 9, details: "there is no lease" });
          else if (this.#status === "OFFLINE") answer({ code: 9, details: "exporter is not ready (status: Offline)" });
          else setTimeout(tryIt, 100);
        };
        tryIt();
      }) satisfies Handler<ListenRequest, ListenReply>,
    });
  }

  #sayTo(stream: Statuses): void {
    const leased = this.#lease !== undefined;
    stream.write({ leased, leaseName: this.#lease, clientName: leased ? "tester" : undefined });
  }

  #noted(call: string, reply: object) {
    return (_call: unknown, answer: sendUnaryData<object>): void => {
      this.calls.push(call);
      answer(null, reply);
    };
  }

  /** Frames pass from each of the two that have the same token to the other. */
  #join(tube: Tube): void {
    const token = String(tube.metadata.get("authorization")[0]);
    const other = this.#tubes.get(token);
    tube.on("error", () => {});
    this.#open.add(tube);
    tube.on("cancelled", () => this.#open.delete(tube));
    if (!other) {
      this.#tubes.set(token, tube);
      return;
    }
    this.#tubes.delete(token);
    for (const [from, to] of [
      [tube, other],
      [other, tube],
    ] as const) {
      from.on("data", (frame: Frame) => void to.write(frame));
      from.on("end", () => to.end());
      from.on("cancelled", () => to.end());
    }
  }
}

function leaseOf(id: string): Lease {
  return {
    name: `namespaces/lab/leases/${id}`,
    selector: "board=board-1",
    duration: { seconds: 1_800 },
    effectiveDuration: { seconds: 1 },
    effectiveBeginTime: { seconds: Math.floor(Date.now() / 1_000) },
    client: "namespaces/lab/clients/tester",
    exporter: "namespaces/lab/exporters/board-1",
    conditions: [{ type: "Ready", status: "True" }],
  };
}
