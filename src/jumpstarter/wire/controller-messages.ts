import { bool, type Codec, labels, message, optional, repeated, text, unsigned } from "./message.ts";
import { type DriverReport, driverReport } from "./messages.ts";

export interface RegisterRequest {
  readonly labels: Readonly<Record<string, string>>;
  readonly reports: readonly DriverReport[];
}

export interface RegisterReply {
  readonly uuid: string;
}

export interface UnregisterRequest {
  readonly reason: string;
}

export interface ReportStatusRequest {
  readonly status: number;
  readonly message: string | undefined;
  readonly releaseLease: boolean | undefined;
}

export interface ListenRequest {
  readonly leaseName: string;
}

/** A client has dialled: where to meet it. */
export interface ListenReply {
  /** "host:port" */
  readonly routerEndpoint: string;
  readonly routerToken: string;
}

export interface LeaseStatus {
  readonly leased: boolean;
  readonly leaseName: string | undefined;
  readonly clientName: string | undefined;
}

export interface ReleaseLeaseRequest {
  readonly name: string;
}

export const registerRequest: Codec<RegisterRequest> = message({
  labels: [1, labels],
  reports: [2, repeated(driverReport)],
});

export const registerReply: Codec<RegisterReply> = message({ uuid: [1, text] });

/** There is no field 1. */
export const unregisterRequest: Codec<UnregisterRequest> = message({ reason: [2, text] });

export const reportStatusRequest: Codec<ReportStatusRequest> = message({
  status: [1, unsigned],
  message: [2, optional(text)],
  releaseLease: [3, optional(bool)],
});

export const listenRequest: Codec<ListenRequest> = message({ leaseName: [1, text] });

export const listenReply: Codec<ListenReply> = message({ routerEndpoint: [1, text], routerToken: [2, text] });

export const leaseStatus: Codec<LeaseStatus> = message({
  leased: [1, bool],
  leaseName: [2, optional(text)],
  clientName: [3, optional(text)],
});

export const releaseLeaseRequest: Codec<ReleaseLeaseRequest> = message({ name: [1, text] });
