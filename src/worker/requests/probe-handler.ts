import type { Endpoint } from "../../contract/endpoint.ts";
import { AccessList } from "./access-list.ts";
import type { ServerContext } from "./server-context.ts";
import { BytesFile } from "../content/bytes-file.ts";
import { type ContentFile, type ContentSource, Refused } from "../content/content.ts";
import { RequestHandler } from "./request-handler.ts";
import { Opcode, opcodeOf } from "../protocol/packet.ts";
import { Reporter } from "../transfers/reporter.ts";
import { Transfers } from "./registry/transfer-registry.ts";
import type { Listener, ListenerReceiver } from "../transport/transport.ts";

/**
 * Parts the driver's own probes from the requests of boards. Both go through the same port and the same code; but a
 * probe is not counted, emits no event, and takes no place that a board could have.
 */
export class ProbeHandler implements ListenerReceiver {
  readonly #handler: RequestHandler;
  readonly #probes: RequestHandler;
  readonly #transfers = new Transfers();
  /** By the names that are expected. */
  readonly #contents = new Map<string, Uint8Array>();

  /** @param handler Gets every datagram that is no probe. */
  constructor(handler: RequestHandler, context: ServerContext) {
    this.#handler = handler;
    const access = new AccessList({ allow: ["0.0.0.0/0", "::/0"], deny: [] });
    const config = { ...context.config, maxTransfers: Infinity, maxTransfersPerClient: Infinity };
    const apart = { config, access, source: new ProbeContents(this.#contents), reporter: new Reporter(() => {}) };
    this.#probes = new RequestHandler({ ...context, ...apart }, this.#transfers, 0);
  }

  /** Set once the port is bound. */
  set listener(listener: Listener) {
    this.#handler.listener = listener;
    this.#probes.listener = listener;
  }

  open(name: string, content: Uint8Array): void {
    this.#contents.set(name, content);
  }

  close(name: string): void {
    this.#contents.delete(name);
  }

  /** The server ends. */
  stop(): void {
    this.#contents.clear();
    for (const transfer of this.#transfers) transfer.stop();
  }

  onRequest(bytes: Uint8Array, client: Endpoint, local: Endpoint): void {
    const isProbe = this.#contents.size > 0 && this.#contents.has(requestedName(bytes));
    (isProbe ? this.#probes : this.#handler).onRequest(bytes, client, local);
  }

  onNotUnicast(client: Endpoint): void {
    this.#handler.onNotUnicast(client);
  }

  onReplyLost(error: NodeJS.ErrnoException, client: Endpoint): void {
    this.#handler.onReplyLost(error, client);
  }

  onError(error: Error): void {
    this.#handler.onError(error);
  }
}

class ProbeContents implements ContentSource {
  readonly #contents: ReadonlyMap<string, Uint8Array>;

  constructor(contents: ReadonlyMap<string, Uint8Array>) {
    this.#contents = contents;
  }

  async open({ text }: { readonly text: string }): Promise<ContentFile> {
    const content = this.#contents.get(text);
    if (!content) throw new Refused("not-found");
    return new BytesFile(content);
  }

  async close(): Promise<void> {}
}

/** Names of probes are ASCII; what is no read request has the name "". */
function requestedName(bytes: Uint8Array): string {
  if (opcodeOf(bytes) !== Opcode.readRequest) return "";
  const end = bytes.indexOf(0, 2);
  return end < 0 ? "" : Buffer.from(bytes.subarray(2, end)).toString("latin1");
}
