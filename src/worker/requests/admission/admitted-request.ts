import type { Endpoint } from "../../../contract/endpoint.ts";
import type { TransferIdentity, TransferMode } from "../../../contract/events/events.ts";
import type { FileName } from "../../content/content.ts";

/** A read request that may be served. */
export interface AdmittedRequest extends TransferIdentity {
  readonly name: FileName;
  readonly local: Endpoint;
  readonly mode: TransferMode;
  readonly options: ReadonlyMap<string, string>;
  /** Made of the datagram and its sender: a request with an equal key is a repeat of this one. */
  readonly key: string;
}
