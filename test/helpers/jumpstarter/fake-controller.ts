import { randomUUID } from "node:crypto";
import {
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
} from "@grpc/grpc-js";
import { onTestFinished } from "vitest";
import type { LeaseStatus, ListenReply, ListenRequest } from "../../../src/jumpstarter/wire/controller-messages.ts";
import { exporterStatuses, type Frame } from "../../../src/jumpstarter/wire/messages.ts";
import { controllerService, routerService } from "../../../src/jumpstarter/wire/services.ts";
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
  readonly #server = new Server();
  #lease: string | undefined;
  #status = "";
  readonly #statuses = new Set<Statuses>();
  #listen: Listens | undefined;
  /** Router streams that wait for their other end, by their token. */
  readonly #tubes = new Map<string, Tube>();

  static async start(cert: Buffer, key: Buffer): Promise<FakeController> {
    const controller = new FakeController();
    await controller.#start(ServerCredentials.createSsl(null, [{ cert_chain: cert, private_key: key }]));
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

  async #start(credentials: ServerCredentials): Promise<void> {
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
      this.#server.bindAsync("127.0.0.1:0", credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
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
