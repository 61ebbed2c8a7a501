import type { TransferIdentity } from "../../../contract/events/events.ts";
import type { DropReason } from "../../../contract/events/outcomes.ts";
import type { Timed } from "../../transfers/deadline-timer.ts";
import { type AppliedRule, type ContentFile, type LookupObserver, Refused } from "../../content/content.ts";
import { type NamedFile, openNamed } from "../../content/open-named.ts";
import { CONTENT_PATIENCE } from "../../protocol/transmission.ts";
import type { SlabEntry } from "../../../shared/slab.ts";
import type { Session, SessionObserver } from "../../transfers/session.ts";
import type { ServerContext } from "../server-context.ts";
import type { AdmittedRequest } from "./admitted-request.ts";
import type { RegistryPlaces } from "../registry/registry-places.ts";
import { settleSession } from "./settle-session.ts";
import { isUnreachable } from "../../transport/network-errors.ts";
import type { Channel } from "../../transport/transport.ts";
import { largestBlock } from "./largest-block.ts";
import type { TidHolder } from "../ports/shared-tids.ts";
import type { PortRange } from "../../../contract/options/ports.ts";

export interface AdmissionObserver {
  /** The file cannot be served: the client gets an ERROR. */
  onRefused(admission: Admission, refused: Refused): void;
  /** The client has acknowledged something for the first time. */
  onProved(admission: Admission): void;
  /** Its transfer is about to begin through the well-known port; false: it must not. */
  onSharing(admission: Admission): boolean;
  /** It holds a port of that range, or does not any more: another program has it. */
  onPort(admission: Admission, range: PortRange, isHeld: boolean): void;
  /** It needs a port of that range, all of which are held: whether one will be given back for it. */
  onPortsUsedUp(admission: Admission, range: PortRange): boolean;
  /** Everything that was held for the request is freed. */
  onEnded(admission: Admission): void;
}

/**
 * An admitted request: while its file is being opened, and then as a transfer. It is in the registry from the first
 * moment on, so that limits count it and repeats of the request find it.
 */
export class Admission implements Timed, TidHolder, SessionObserver {
  readonly request: AdmittedRequest;
  /** Its places in the registry, which sets this. */
  places: RegistryPlaces<Admission> | undefined;
  readonly #context: ServerContext;
  readonly #observer: AdmissionObserver;
  /** Its channel through the well-known port; undefined: the transfer gets a port of its own. */
  readonly #shared: Channel | undefined;
  #session: Session | undefined;
  /** What a rule did with the request. */
  #applied: AppliedRule | undefined;
  #timerEntry: SlabEntry<Timed> | undefined;
  /** It may wait for a port of a range. */
  #stopWaiting: (() => void) | undefined;
  #over = false;
  /** When the file must have been opened. */
  readonly deadline: number = performance.now() + CONTENT_PATIENCE;

  constructor(request: AdmittedRequest, context: ServerContext, observer: AdmissionObserver, shared?: Channel) {
    this.request = request;
    this.#context = context;
    this.#observer = observer;
    this.#shared = shared;
  }

  get id(): number {
    return this.request.id;
  }

  get requestKey(): string {
    return this.request.key;
  }

  get isProved(): boolean {
    return this.#session?.proved ?? false;
  }

  get isLastBlockOut(): boolean {
    return this.#session?.isLastBlockOut ?? false;
  }

  get silenceMs(): number {
    return this.#session?.silenceMs ?? 0;
  }

  get session(): Session | undefined {
    return this.#session;
  }

  /** Opens the file, settles the terms, and starts the transfer. */
  async serve(): Promise<void> {
    const { pending, timer, source } = this.#context;
    this.#timerEntry = timer.add(this);
    pending.count++;
    try {
      let named: NamedFile;
      const observer: LookupObserver = { onRule: (applied) => (this.#applied = applied) };
      try {
        const isWanted = (): boolean => !this.#over;
        named = await openNamed(source, this.request.name, { ...this.request, isWanted, observer });
      } finally {
        pending.count--;
        timer.delete(this.#timerEntry);
      }
      const { file, name } = named;
      // It was evicted, stopped or given up meanwhile.
      if (this.#over) return await file.close();
      const { id, client } = this.request;
      await this.#startTransfer(file, { id, file: name.text, client });
    } catch (error) {
      this.#refuse(error instanceof Refused ? error : new Refused("read-error", { cause: error }));
    }
  }

  onProved(): void {
    this.#observer.onProved(this);
  }

  onEnded(): void {
    this.#end();
  }

  /** The file was not opened in time. If it is opened later, it is closed at once. */
  onDeadline(): void {
    const cause = new Error(`the file was not opened within ${CONTENT_PATIENCE / 1_000} s`);
    this.#refuse(new Refused("read-error", { cause }));
  }

  /** The client has sent the request again. Returns whether it gets an answer now: none if one has only just left. */
  repeat(): boolean {
    return this.#session?.repeat() ?? false;
  }

  /** The same client port has acknowledged a newer transfer, or begins one and can have one only. */
  replace(): void {
    this.#session?.abandon("replaced");
  }

  /**
   * All places, or all ports of a range, are taken, and this is the oldest admission that was never acknowledged. Before
   * its session exists there is no transfer that could end as "evicted": its request counts as dropped, "over-limit".
   */
  evict(): void {
    if (this.#session) return this.#session.abandon("evicted");
    this.#end();
    this.#context.reporter.drop("over-limit", this.request.client);
  }

  /** The server ends. */
  stop(): void {
    if (this.#session) this.#session.stop();
    else this.#end();
  }

  async #startTransfer(file: ContentFile, identity: TransferIdentity): Promise<void> {
    const { request } = this;
    const { config } = this.#context;
    let channel: Channel;
    try {
      channel = await this.#open();
    } catch (error) {
      // An ERROR would not get there either; and should it do so, it would end a boot for what is over in a moment.
      if (isUnreachable(error)) this.#drop("unreachable");
      await file.close();
      throw error;
    }
    const giveBack = async (): Promise<void> => {
      channel.close();
      await file.close();
    };
    let largest: number;
    try {
      largest = await largestBlock(config, channel, request.client, request.options);
    } catch (error) {
      await giveBack();
      throw error;
    }
    if (this.#over) return await giveBack();
    if (this.#shared && !this.#observer.onSharing(this)) {
      this.#drop("port-busy");
      return await file.close();
    }
    const start = { config, request, identity, file, channel, largestBlock: largest, applied: this.#applied };
    this.#session = settleSession(start, this.#context, this);
    this.#session.start();
  }

  async #open(): Promise<Channel> {
    const { ports } = this.#context;
    const { ports: range } = this.#context.config;
    const { local, client } = this.request;
    if (this.#shared) return this.#shared;
    if (typeof range !== "object") return await ports.openAny(local, client);
    return await ports.openOf(range, local, client, {
      onHeld: (isHeld) => this.#observer.onPort(this, range, isHeld),
      onWaiting: (cancel) => (this.#stopWaiting = cancel),
      onUsedUp: () => !this.#over && this.#observer.onPortsUsedUp(this, range),
    });
  }

  #refuse(refused: Refused): void {
    if (this.#over) return;
    this.#end();
    this.#observer.onRefused(this, refused);
  }

  #drop(reason: DropReason): void {
    if (this.#over) return;
    this.#end();
    this.#context.reporter.drop(reason, this.request.client);
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#timerEntry) this.#context.timer.delete(this.#timerEntry);
    this.#shared?.close();
    this.#stopWaiting?.();
    this.#observer.onEnded(this);
  }
}
