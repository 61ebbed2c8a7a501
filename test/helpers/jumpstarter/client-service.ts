import type { MethodDefinition } from "@grpc/grpc-js";
import {
  bool,
  type Codec,
  message,
  nested,
  optional,
  repeated,
  text,
  unsigned,
} from "../../../src/jumpstarter/wire/message.ts";
import {
  type ListenReply,
  listenReply,
  type ListenRequest,
  listenRequest,
} from "../../../src/jumpstarter/wire/controller-messages.ts";
import { empty } from "../../../src/jumpstarter/wire/messages.ts";

// What `jmp` calls at a controller, beside what exporters call.

interface Duration {
  readonly seconds: number;
}
interface Condition {
  readonly type: string | undefined;
  readonly status: string | undefined;
}
export interface Lease {
  readonly name: string;
  readonly selector: string;
  readonly duration: Duration | undefined;
  readonly effectiveDuration: Duration | undefined;
  readonly effectiveBeginTime: Duration | undefined;
  readonly client: string | undefined;
  readonly exporter: string | undefined;
  readonly conditions: readonly Condition[];
}
export interface Named {
  readonly name: string;
}
interface ExporterOfClient {
  readonly name: string;
  readonly online: boolean;
  readonly status: number;
}

/** A time, too: only the whole seconds. */
const duration: Codec<Duration> = message({ seconds: [1, unsigned] });
const condition: Codec<Condition> = message({ type: [1, optional(text)], status: [2, optional(text)] });
const lease: Codec<Lease> = message({
  name: [1, text],
  selector: [2, text],
  duration: [3, nested(duration)],
  effectiveDuration: [4, nested(duration)],
  effectiveBeginTime: [6, nested(duration)],
  client: [9, optional(text)],
  exporter: [10, optional(text)],
  conditions: [11, repeated(condition)],
});
const named: Codec<Named> = message({ name: [1, text] });
const exporter: Codec<ExporterOfClient> = message({ name: [1, text], online: [3, bool], status: [4, unsigned] });

function unary<Request, Response>(
  path: string,
  request: Codec<Request>,
  response: Codec<Response>,
): MethodDefinition<Request, Response> {
  return {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: request.encode,
    requestDeserialize: request.decode,
    responseSerialize: response.encode,
    responseDeserialize: response.decode,
  };
}

const CLIENT = "/jumpstarter.client.v1.ClientService";

export const clientService = {
  CreateLease: unary<object, Lease>(`${CLIENT}/CreateLease`, empty, lease),
  GetLease: unary<Named, Lease>(`${CLIENT}/GetLease`, named, lease),
  DeleteLease: unary<Named, object>(`${CLIENT}/DeleteLease`, named, empty),
  GetExporter: unary<Named, ExporterOfClient>(`${CLIENT}/GetExporter`, named, exporter),
  Dial: unary<ListenRequest, ListenReply>("/jumpstarter.v1.ControllerService/Dial", listenRequest, listenReply),
};
