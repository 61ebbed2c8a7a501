import type { MethodDefinition } from "@grpc/grpc-js";
import type { Codec } from "./message.ts";
import {
  type LeaseStatus,
  leaseStatus,
  type ListenReply,
  listenReply,
  type ListenRequest,
  listenRequest,
  type RegisterReply,
  registerReply,
  type RegisterRequest,
  registerRequest,
  type ReleaseLeaseRequest,
  releaseLeaseRequest,
  type ReportStatusRequest,
  reportStatusRequest,
  type UnregisterRequest,
  unregisterRequest,
} from "./controller-messages.ts";
import {
  type DriverCall,
  driverCall,
  type DriverResult,
  driverResult,
  empty,
  type EndSessionReply,
  endSessionReply,
  type Frame,
  frame,
  type LogMessage,
  logMessage,
  type Report,
  report,
  type StatusReply,
  statusReply,
} from "./messages.ts";

type Streams = "unary" | "server-stream" | "both-stream";

function method<Request, Response>(
  path: string,
  request: Codec<Request>,
  response: Codec<Response>,
  streams: Streams = "unary",
): MethodDefinition<Request, Response> {
  return {
    path: `/jumpstarter.v1.${path}`,
    requestStream: streams === "both-stream",
    responseStream: streams !== "unary",
    requestSerialize: request.encode,
    requestDeserialize: request.decode,
    responseSerialize: response.encode,
    responseDeserialize: response.decode,
  };
}

/** What an exporter serves. `Reset` is left out: upstream does not implement it either. */
export const exporterService: {
  readonly GetReport: MethodDefinition<object, Report>;
  readonly DriverCall: MethodDefinition<DriverCall, DriverResult>;
  readonly StreamingDriverCall: MethodDefinition<DriverCall, DriverResult>;
  readonly LogStream: MethodDefinition<object, LogMessage>;
  readonly GetStatus: MethodDefinition<object, StatusReply>;
  readonly EndSession: MethodDefinition<object, EndSessionReply>;
} = {
  GetReport: method("ExporterService/GetReport", empty, report),
  DriverCall: method("ExporterService/DriverCall", driverCall, driverResult),
  StreamingDriverCall: method("ExporterService/StreamingDriverCall", driverCall, driverResult, "server-stream"),
  LogStream: method("ExporterService/LogStream", empty, logMessage, "server-stream"),
  GetStatus: method("ExporterService/GetStatus", empty, statusReply),
  EndSession: method("ExporterService/EndSession", empty, endSessionReply),
};

/** Byte streams: served by an exporter for its clients, and by a router for both. */
export const routerService: { readonly Stream: MethodDefinition<Frame, Frame> } = {
  Stream: method("RouterService/Stream", frame, frame, "both-stream"),
};

/** What a controller serves for its exporters. */
export const controllerService: {
  readonly Register: MethodDefinition<RegisterRequest, RegisterReply>;
  readonly Unregister: MethodDefinition<UnregisterRequest, object>;
  readonly ReportStatus: MethodDefinition<ReportStatusRequest, object>;
  readonly Listen: MethodDefinition<ListenRequest, ListenReply>;
  readonly Status: MethodDefinition<object, LeaseStatus>;
  readonly ReleaseLease: MethodDefinition<ReleaseLeaseRequest, object>;
} = {
  Register: method("ControllerService/Register", registerRequest, registerReply),
  Unregister: method("ControllerService/Unregister", unregisterRequest, empty),
  ReportStatus: method("ControllerService/ReportStatus", reportStatusRequest, empty),
  Listen: method("ControllerService/Listen", listenRequest, listenReply, "server-stream"),
  Status: method("ControllerService/Status", empty, leaseStatus, "server-stream"),
  ReleaseLease: method("ControllerService/ReleaseLease", releaseLeaseRequest, empty),
};
