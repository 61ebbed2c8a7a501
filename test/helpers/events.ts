import type {
  ListeningEvent,
  ProgressEvent,
  RefusedEvent,
  RequestEvent,
  StateEvent,
  TftpState,
  TransferEndedEvent,
} from "../../src/contract/events/events.ts";
import type { Endpoint } from "../../src/contract/endpoint.ts";

/**
 * Events as the driver tells them, for tests of what is made of them. Times are ms since the epoch, `now` by default.
 */
export const now: number = Date.UTC(2026, 0, 1, 12);

const client: Endpoint = { address: "192.168.1.17", port: 2_070 };

export function requestEvent(id: number, shape: Partial<RequestEvent> = {}): RequestEvent {
  const local = { address: "192.168.1.1", port: 69 };
  const fixed = { type: "request", at: now, local, mode: "octet", requested: {}, granted: {} } as const;
  return { ...fixed, id, file: `board${id}/zImage`, client, total: 10_485_760, ...shape };
}

export function progressEvent(id: number, bytes: number, shape: Partial<ProgressEvent> = {}): ProgressEvent {
  const { file, total } = requestEvent(id);
  return {
    type: "progress",
    at: now,
    id,
    file,
    client,
    bytes,
    total,
    bytesPerSecond: 1_048_576,
    ...shape,
  } as ProgressEvent;
}

export function endEvent(id: number, shape: Partial<TransferEndedEvent> = {}): TransferEndedEvent {
  const fixed = { type: "transfer-ended", at: now, outcome: "complete", retransmissions: 0, blockSize: 1_468 } as const;
  const { file } = requestEvent(id);
  return { ...fixed, id, file, client, bytes: 10_485_760, durationMs: 2_000, windowSize: 4, ...shape };
}

export function refusedEvent(shape: Partial<RefusedEvent> = {}): RefusedEvent {
  return { type: "refused", at: now, reason: "not-found", file: "nope", client, errorCode: 1, ...shape };
}

export function stateEvent(previous: TftpState, state: TftpState): StateEvent {
  return { type: "state", at: now, previous, state };
}

/** What a start tells: the port is bound, and the driver runs. */
export function startEvents(host = "192.168.1.1", port = 69): [ListeningEvent, StateEvent] {
  return [
    { type: "listening", at: now, host, port, addresses: [{ host, port }], transport: "dgram" },
    stateEvent("starting", "running"),
  ];
}
