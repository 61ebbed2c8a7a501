import type { Endpoint, TransferIdentity, TransferMode } from "../contract/events.ts";
import type { ServerConfig } from "../contract/options.ts";
import type { AccessList } from "./access-list.ts";
import type { Alarm, Sleeper } from "./alarm.ts";
import { type BlockCache, type ContentFile, type ContentSource, type FileName, Refused } from "./content/content.ts";
import { type NamedFile, openNamed } from "./content/open-named.ts";
import { printableLatin1 } from "./content/printable.ts";
import { negotiate } from "./protocol/negotiate.ts";
import { CONTENT_PATIENCE } from "./protocol/read-transfer.ts";
import type { Reporter } from "./reporter.ts";
import type { Seat } from "./roster.ts";
import { Session } from "./session.ts";
import type { Channel, Transport } from "./transport/transport.ts";
import type { Waiting } from "./waiting.ts";

/** A read request that may be served. */
export interface AdmittedRequest extends TransferIdentity {
  readonly name: FileName;
  readonly local: Endpoint;
  readonly mode: TransferMode;
  readonly options: ReadonlyMap<string, string>;
  /** The datagram itself: an equal one from the same port is a retransmission. */
  readonly datagram: Uint8Array;
}

/** What serves requests, the same for all of them. */
export interface Surroundings {
  /** Read anew for each request: its limits may change, and then `access` too. */
  config: ServerConfig;
  access: AccessList;
  readonly source: ContentSource;
  readonly cache: BlockCache;
  readonly transport: Transport;
  readonly alarm: Alarm;
  readonly reporter: Reporter;
  /** What waits for the event loop. */
  readonly waiting: Waiting;
}

export interface AdmissionObserver {
  /** The client is to be told that it cannot be had. */
  onRefused(admission: Admission, refused: Refused): void;
  /** Nothing is held for it any more. */
  onEnded(admission: Admission): void;
}

/**
 * An admitted request: while its file is being opened, and then as a transfer. It stands in the registry from the
 * first moment on, so that limits count it and retransmissions of the request find it.
 */
export class Admission implements Sleeper {
  readonly request: AdmittedRequest;
  /** To be replaced once this one is acknowledged: the same client port asked twice, and only then it shows which counts. */
  predecessor: Admission | undefined;
  /** Its place in the registry, which the registry sets. */
  seat: Seat<Admission> | undefined;
  readonly #around: Surroundings;
  readonly #observer: AdmissionObserver;
  #session: Session | undefined;
  #sleeping: Seat<Sleeper> | undefined;
  #over = false;
  /** When the file must have been opened. */
  readonly deadline: number = performance.now() + CONTENT_PATIENCE;

  constructor(request: AdmittedRequest, around: Surroundings, observer: AdmissionObserver) {
    this.request = request;
    this.#around = around;
    this.#observer = observer;
  }

  get session(): Session | undefined {
    return this.#session;
  }

  /** Opens the file, settles the terms, and starts the transfer. */
  async serve(): Promise<void> {
    const { waiting, alarm, source } = this.#around;
    this.#sleeping = alarm.add(this);
    waiting.count++;
    try {
      let named: NamedFile;
      try {
        named = await openNamed(source, this.request.name, this.request);
      } finally {
        waiting.count--;
        alarm.delete(this.#sleeping);
      }
      const { file, name } = named;
      // It was replaced, stopped or given up meanwhile.
      if (this.#over) return await file.close();
      const { id, client } = this.request;
      await this.#startTransfer(file, { id, file: name.text, client });
    } catch (error) {
      this.#refuse(error instanceof Refused ? error : new Refused("source-error", { cause: error }));
    }
  }

  /** The file does not come. Should it do so later, it is closed. */
  wake(): void {
    const cause = new Error(`the file was not opened within ${CONTENT_PATIENCE / 1_000} s`);
    this.#refuse(new Refused("source-error", { cause }));
  }

  /** The same client port has asked for something else. */
  replace(): void {
    if (this.#session) return this.#session.replace();
    this.#end();
    this.#around.reporter.drop("duplicate", this.request.client);
  }

  /** The server ends. */
  stop(): void {
    if (this.#session) this.#session.stop();
    else this.#end();
  }

  async #startTransfer(file: ContentFile, identity: TransferIdentity): Promise<void> {
    const { config, cache, transport, reporter, alarm, waiting } = this.#around;
    const { request } = this;
    const total = request.mode === "octet" ? file.size : undefined;
    const { maxBlockSize, maxWindowSize } = config;
    const terms = negotiate(request.options, { maxBlockSize, maxWindowSize, size: total });
    const blocks = cache.reader(file, terms.blockSize, request.mode);
    let channel: Channel;
    try {
      channel = await transport.open(request.local, request.client);
    } catch (error) {
      blocks.close();
      throw error;
    }
    if (this.#over) {
      channel.close();
      return blocks.close();
    }
    const { blockSize, windowSize, offer } = terms;
    const timing = {
      intervalMs: terms.intervalMs ?? config.timeoutMs,
      fixed: terms.intervalMs !== undefined,
      maxRetries: config.maxRetries,
    };
    // Not a spread of the terms: V8 gives each such object a shape of its own, and every ACK looks into the plan.
    const plan = { blockSize, windowSize, offer, timing };
    const parts = { identity, plan, blocks, total, channel, alarm, reporter, waiting };
    this.#session = new Session(parts, { onProved: () => this.#supersede(), onEnded: () => this.#end() });
    this.#reportAccepted(identity, terms.granted, total);
    this.#session.start();
  }

  #reportAccepted(
    { id, file, client }: TransferIdentity,
    granted: ReadonlyMap<string, number>,
    total: number | undefined,
  ): void {
    const { local, mode, options } = this.request;
    this.#around.reporter.tell({
      type: "request",
      id,
      file,
      client,
      local,
      mode,
      requested: Object.fromEntries(asText(options)),
      granted: Object.fromEntries(granted),
      ...(total !== undefined && { total }),
    });
  }

  #refuse(refused: Refused): void {
    if (this.#over) return;
    this.#end();
    this.#observer.onRefused(this, refused);
  }

  #supersede(): void {
    this.predecessor?.replace();
    this.predecessor = undefined;
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.predecessor = undefined;
    if (this.#sleeping) this.#around.alarm.delete(this.#sleeping);
    this.#observer.onEnded(this);
  }
}

/** Options as they may stand in a log. */
function asText(options: ReadonlyMap<string, string>): [name: string, value: string][] {
  return Array.from(options, ([name, value]) => [printableLatin1(name), printableLatin1(value)]);
}
