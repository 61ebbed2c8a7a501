import { toErrorInfo } from "../../contract/errors.ts";
import type { Endpoint, RefusalReason } from "../../contract/events.ts";
import { type AdmittedRequest, Admission, type AdmissionObserver } from "./admission.ts";
import { Refused } from "../content/content.ts";
import { parseFileName } from "../content/file-name.ts";
import { printable } from "../../shared/printable.ts";
import { type Fault, refusalFaults, unsupportedMode } from "../protocol/fault.ts";
import { decodeRequest, encodeError, isServedMode, Opcode, opcodeOf } from "../protocol/packet.ts";
import type { ServerContext } from "./server-context.ts";
import type { Transfers } from "./transfer-registry.ts";
import type { Listener, ListenerReceiver } from "../transport/transport.ts";

/** A datagram, and the two ends that it went between. */
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
  #nextId: number;

  constructor(context: ServerContext, transfers: Transfers, firstId: number) {
    this.#context = context;
    this.#transfers = transfers;
    this.#nextId = firstId;
  }

  onRequest(bytes: Uint8Array, client: Endpoint, local: Endpoint): void {
    const { access, reporter } = this.#context;
    if (!access.admits(client.address)) return reporter.drop("denied", client);
    const arrival = { bytes, client, local };
    const opcode = opcodeOf(bytes);
    if (opcode === Opcode.readRequest || opcode === Opcode.writeRequest) return this.#handleRequest(opcode, arrival);
    if (opcode === undefined) return reporter.drop("malformed", client);
    const answers: readonly number[] = [Opcode.data, Opcode.ack, Opcode.error, Opcode.optionAck];
    reporter.drop(answers.includes(opcode) ? "loop" : "unknown-opcode", client);
  }

  onError(error: Error): void {
    this.#context.reporter.tell({ type: "warning", message: "the well-known port failed", cause: toErrorInfo(error) });
  }

  onRefused({ request }: Admission, refused: Refused): void {
    this.#refuse(request, request.file, refused.reason, refused.cause);
  }

  onEnded(admission: Admission): void {
    this.#transfers.delete(admission);
  }

  #handleRequest(opcode: number, arrival: Arrival): void {
    const packet = decodeRequest(arrival.bytes);
    if (packet === undefined) return this.#refuse(arrival, "", "bad-request");
    const { mode, options } = packet;
    if (opcode === Opcode.writeRequest) return this.#refuse(arrival, printable(packet.file), "read-only");
    if (!isServedMode(mode)) {
      return this.#refuse(arrival, printable(packet.file), "bad-request", undefined, unsupportedMode);
    }
    const predecessor = this.#predecessorOf(arrival);
    if (predecessor === "same" || this.#overLimit(arrival.client)) return;
    try {
      const name = parseFileName(packet.file);
      const { client, local } = arrival;
      const id = this.#nextId++;
      this.#admit(
        { id, file: name.text, name, client, local, mode, options, datagram: arrival.bytes.slice() },
        predecessor,
      );
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#refuse(arrival, printable(packet.file), error.reason, error.cause);
    }
  }

  /**
   * What the same client port asked for before. A retransmitted request draws no second transfer while the first one
   * is not acknowledged. Once it is, the client may have restarted, or the datagram may just be late: both transfers
   * run until an ACK shows which of them the client means. Anything else it asks for replaces what ran.
   */
  #predecessorOf({ bytes, client }: Arrival): Admission | "same" | undefined {
    const running = this.#transfers.with(client);
    if (running === undefined) return undefined;
    if (!equal(running.request.datagram, bytes)) {
      running.replace();
      return undefined;
    }
    if (running.session?.proved) return running;
    this.#context.reporter.drop("duplicate", client);
    return "same";
  }

  /** Over the limits a request draws nothing, so that the client asks again. */
  #overLimit(client: Endpoint): boolean {
    const { config, reporter } = this.#context;
    const over =
      this.#transfers.size >= config.maxTransfers || this.#transfers.countOf(client) >= config.maxTransfersPerClient;
    if (over) reporter.drop("over-limit", client);
    return over;
  }

  #admit(request: AdmittedRequest, predecessor: Admission | undefined): void {
    const admission = new Admission(request, this.#context, this);
    admission.predecessor = predecessor;
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
    const told = { type: "refused", reason, file, client, errorCode: fault.code } as const;
    this.#context.reporter.tell(cause === undefined ? told : { ...told, cause: toErrorInfo(cause) });
  }
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
