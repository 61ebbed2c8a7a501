import type { RefusalReason } from "../../contract/events/outcomes.ts";
import type { Endpoint } from "../../contract/endpoint.ts";
import type { PortRange } from "../../contract/options/ports.ts";
import { Admission, type AdmissionObserver } from "./admission/admission.ts";
import type { AdmittedRequest } from "./admission/admitted-request.ts";
import { Refused } from "../content/content.ts";
import { parseFileName } from "../content/file-name.ts";
import { debug } from "../../shared/debug.ts";
import { printable } from "../../shared/printable.ts";
import { type Fault, refusalFaults, unsupportedMode } from "../protocol/fault.ts";
import { decodeRequest, encodeError, isServedMode, MAX_REQUEST, Opcode, opcodeOf } from "../protocol/packet.ts";
import { portKey } from "./registry/client-key.ts";
import { SharedTids } from "./ports/shared-tids.ts";
import { PacedWarnings } from "../transfers/paced-warnings.ts";
import type { ServerContext } from "./server-context.ts";
import type { Transfers } from "./registry/transfer-registry.ts";
import type { Listener, ListenerReceiver } from "../transport/transport.ts";
import { toVerdict } from "../transfers/verdict.ts";

/** A datagram, the client that sent it, and the local address that it was sent to. */
interface Arrival {
  readonly bytes: Uint8Array;
  readonly client: Endpoint;
  readonly local: Endpoint;
}

/** The well-known port: admits or refuses read requests, and answers nothing else (CVE-2024-2169). */
export class RequestHandler implements ListenerReceiver, AdmissionObserver {
  /** Set once the port is bound; refusals leave through it. */
  listener: Listener | undefined;
  readonly #context: ServerContext;
  readonly #transfers: Transfers;
  readonly #tids = new SharedTids<Admission>();
  readonly #warnings: PacedWarnings;
  #nextId: number;

  constructor(context: ServerContext, transfers: Transfers, firstId: number) {
    this.#context = context;
    this.#transfers = transfers;
    this.#warnings = new PacedWarnings(context.reporter);
    this.#nextId = firstId;
  }

  onRequest(bytes: Uint8Array, client: Endpoint, local: Endpoint): void {
    const { access, config, reporter } = this.#context;
    if (!access.admits(client.address)) return reporter.drop("denied", client);
    // The sender wants no reply (RFC 768), and nothing can be sent there.
    if (client.port === 0) return reporter.drop("malformed", client);
    const arrival = { bytes, client, local };
    const opcode = opcodeOf(bytes);
    if (opcode === Opcode.readRequest || opcode === Opcode.writeRequest) return this.#handleRequest(opcode, arrival);
    if (opcode === undefined) return reporter.drop("malformed", client);
    if (config.ports === "single" && (opcode === Opcode.ack || opcode === Opcode.error)) {
      return reporter.drop("no-transfer", client);
    }
    const answers: readonly number[] = [Opcode.data, Opcode.ack, Opcode.error, Opcode.optionAck];
    reporter.drop(answers.includes(opcode) ? "loop" : "unknown-opcode", client);
  }

  onNotUnicast(client: Endpoint): void {
    const { access, reporter } = this.#context;
    reporter.drop(access.admits(client.address) ? "not-unicast" : "denied", client);
  }

  onReplyLost(error: NodeJS.ErrnoException, client: Endpoint): void {
    const { reporter } = this.#context;
    reporter.counters.networkErrors++;
    this.#warnings.add(`an answer to ${client.address} was not sent`, error);
  }

  onError(error: Error): void {
    this.#warnings.add("the well-known port failed", error);
  }

  onRefused({ request }: Admission, refused: Refused): void {
    const fault = refusalFaults[refused.reason];
    const { text = fault.text } = refused;
    this.#refuse(request, request.file, refused.reason, refused.cause, { ...fault, text });
  }

  /** The client means this transfer: what the same port had acknowledged before is over. */
  onProved(admission: Admission): void {
    this.#transfers.prove(admission)?.replace();
  }

  onSharing(admission: Admission): boolean {
    const older = this.#tids.claim(admission.request, admission);
    if (older) older.replace();
    return older !== false;
  }

  onPort(admission: Admission, range: PortRange, isHeld: boolean): void {
    if (isHeld) this.#transfers.holdPort(admission, range);
    else this.#transfers.leavePort(admission);
  }

  /** As for a place in `#makeRoom`, but for a file that is there: without a port the request is refused. */
  onPortsUsedUp({ request }: Admission, range: PortRange): boolean {
    return evict(this.#transfers.oldestWithPort(range, request.local));
  }

  onEnded(admission: Admission): void {
    this.#tids.release(admission.request, admission);
    this.#transfers.delete(admission);
  }

  #handleRequest(opcode: number, arrival: Arrival): void {
    const { bytes, client, local } = arrival;
    const key = bytes.length > MAX_REQUEST ? "" : keyOf(arrival);
    const known = this.#transfers.unprovedFor(key);
    if (known) return this.#handleRepeat(known);
    // Even an ERROR would end the transfer there: the client cannot tell which request it answers.
    if (this.#tids.isBusy(arrival, key)) return this.#context.reporter.drop("port-busy", client);
    if (bytes.length > MAX_REQUEST) return this.#refuse(arrival, "", "bad-request");
    const packet = decodeRequest(bytes);
    if (packet === undefined) return this.#refuse(arrival, "", "bad-request");
    const { mode, options } = packet;
    if (opcode === Opcode.writeRequest) return this.#refuse(arrival, printable(packet.file), "read-only");
    if (!isServedMode(mode)) {
      return this.#refuse(arrival, printable(packet.file), "bad-request", undefined, unsupportedMode);
    }
    try {
      const name = parseFileName(packet.file);
      if (!this.#makeRoom(client)) return this.#context.reporter.drop("over-limit", client);
      this.#admit({ id: this.#nextId++, file: name.text, name, client, local, mode, options, key });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#refuse(arrival, printable(packet.file), error.reason, error.cause);
    }
  }

  /**
   * A request that comes again while the client has acknowledged nothing draws no second transfer, but the first packet
   * of the one that runs: the client may have lost it, or have restarted on the same port. Once the client has
   * acknowledged something, an equal request is one as any other: the client may have restarted, or the datagram may be
   * late, and an ACK will show which transfer the client means.
   */
  #handleRepeat(admission: Admission): void {
    this.#transfers.renew(admission);
    if (!admission.repeat()) this.#context.reporter.drop("duplicate", admission.request.client);
  }

  /**
   * Whether there is a place for one more transfer of that client. If all are taken, the transfer goes that has been
   * without any ACK for the longest: a place must not be had for a datagram, which anyone can forge. If all are
   * acknowledged, the request draws nothing, so that the client asks again.
   */
  #makeRoom(client: Endpoint): boolean {
    const { maxTransfers, maxTransfersPerClient } = this.#context.config;
    if (this.#transfers.countOf(client) >= maxTransfersPerClient && !evict(this.#transfers.oldestUnproved(client))) {
      return false;
    }
    return this.#transfers.size < maxTransfers || evict(this.#transfers.oldestUnproved());
  }

  #admit(request: AdmittedRequest): void {
    const { id, client, local, file, mode, options } = request;
    debug("request %d of %s port %d: %s %s %o", id, client.address, client.port, file, mode, options);
    const isShared = this.#context.config.ports === "single";
    const shared = isShared ? this.listener?.share(local, client) : undefined;
    if (isShared && !shared) return this.#context.reporter.drop("unreachable", client);
    const admission = new Admission(request, this.#context, this, shared);
    this.#transfers.add(admission);
    this.#transfers.noteOpening(admission.serve());
  }

  #refuse(
    { client, local }: Pick<Arrival, "client" | "local">,
    file: string,
    reason: RefusalReason,
    cause?: unknown,
    fault: Fault = refusalFaults[reason],
  ): void {
    this.listener?.reply(encodeError(fault.code, fault.text), client, local);
    const refusal = { type: "refused", reason, file, client, local, errorCode: fault.code } as const;
    this.#context.reporter.report(cause === undefined ? refusal : { ...refusal, cause: toVerdict(cause) });
  }
}

/** Equal only for the same datagram from the same client port. */
function keyOf({ bytes, client }: Arrival): string {
  return `${portKey(client)} ${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1")}`;
}

function evict(admission: Admission | undefined): boolean {
  admission?.evict();
  return admission !== undefined;
}
