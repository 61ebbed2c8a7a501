import type { RunningTransfer } from "../../contract/thread/server-api.ts";
import type { DeadlineTimer, Timed } from "./deadline-timer.ts";
import type { BlockReader } from "../content/content.ts";
import { contentFailed, type Fault, internalError, serverStopped } from "../protocol/fault.ts";
import { DATA_HEADER } from "../protocol/packet.ts";
import { ReadTransfer } from "../protocol/read-transfer.ts";
import type { Effect } from "../protocol/transfer-plan.ts";
import type { SlabEntry } from "../../shared/slab.ts";
import { isNetworkError, socketFull } from "../transport/network-errors.ts";
import type { Channel, ChannelReceiver } from "../transport/transport.ts";
import { PendingShare, type PendingWork } from "./pending-work.ts";
import { SessionReport, type SessionReportDependencies } from "./session-report.ts";
import { SilenceWatch } from "./silence-watch.ts";

/** What a session works with; it takes `channel` and `blocks` over. */
export interface SessionDependencies extends SessionReportDependencies {
  readonly blocks: BlockReader;
  readonly channel: Channel;
  readonly timer: DeadlineTimer;
  readonly pending: PendingWork;
}

/** Called by a session for the admission that started it. */
export interface SessionObserver {
  /** The client has acknowledged something for the first time. */
  onProved(): void;
  /** The transfer is over, and all that it held is freed. */
  onEnded(): void;
}

/** One transfer's I/O: passes datagrams and time to the protocol, and carries its effects out. */
export class Session implements ChannelReceiver, Timed {
  readonly #dependencies: SessionDependencies;
  readonly #observer: SessionObserver;
  readonly #transfer: ReadTransfer;
  readonly #packet: number;
  readonly #report: SessionReport;
  readonly #silence = new SilenceWatch();
  #timerEntry: SlabEntry<Timed> | undefined;
  #proved = false;
  #ended = false;
  /** When the client's last datagram came. */
  #heardAt = performance.now();
  readonly #loading: PendingShare;
  /** Held while the deadline is urgent: a poller that blocks in epoll_wait would be too coarse a timer. */
  readonly #urgent: PendingShare;

  constructor(dependencies: SessionDependencies, observer: SessionObserver) {
    this.#dependencies = dependencies;
    this.#observer = observer;
    this.#packet = dependencies.plan.blockSize + DATA_HEADER;
    this.#transfer = new ReadTransfer(dependencies.plan);
    this.#transfer.lastBlock = dependencies.blocks.lastBlock;
    this.#report = new SessionReport(dependencies, this.#transfer);
    this.#loading = new PendingShare(dependencies.pending);
    this.#urgent = new PendingShare(dependencies.pending);
  }

  /** Sends the first packet. */
  start(): void {
    this.#dependencies.channel.attach(this);
    this.#timerEntry = this.#dependencies.timer.add(this);
    this.#apply((now) => this.#transfer.start(now));
  }

  /** The client has acknowledged something. */
  get proved(): boolean {
    return this.#transfer.proved;
  }

  /** As ReadTransfer's. */
  get isLastBlockOut(): boolean {
    return this.#transfer.isLastBlockOut;
  }

  /** Since the client's last datagram, in ms. */
  get silenceMs(): number {
    return performance.now() - this.#heardAt;
  }

  get deadline(): number {
    return this.#transfer.deadline;
  }

  onDatagram(bytes: Uint8Array, length: number, now: number): void {
    this.#heardAt = now;
    // The hot path: what `#apply` does, without its closure.
    try {
      this.#carryOut(this.#transfer.handle(bytes, length, now), now);
    } catch (error) {
      this.#fail(internalError, error);
    }
    if (!this.#proved && this.#transfer.proved) {
      this.#proved = true;
      this.#observer.onProved();
    }
  }

  onWritable(): void {
    this.#apply(() => (this.#transfer.isOffering ? "send-offer" : "send-blocks"));
  }

  onError(error: NodeJS.ErrnoException): void {
    if (!isNetworkError(error)) return this.#fail(internalError, error);
    this.#dependencies.reporter.counters.networkErrors++;
    if (error.code !== "ECONNREFUSED") this.#report.reportLoss(error);
    else if (!this.#ended) this.#apply((now) => this.#transfer.handleUnreachable(now));
  }

  onDeadline(now: number): void {
    this.#apply(() => this.#watchSilence(this.#transfer.handleTimeout(now)));
  }

  /** The client has sent its request again. Returns whether that drew an answer. */
  repeat(): boolean {
    const before = this.#transfer.retransmissions;
    this.#apply((now) => this.#transfer.handleRepeat(now));
    return this.#transfer.retransmissions > before;
  }

  /** Ends the transfer without a word to the client. */
  abandon(outcome: "replaced" | "evicted"): void {
    this.#apply(() => this.#transfer.abandon(outcome));
  }

  /** The server ends: the client gets an ERROR. */
  stop(): void {
    this.#apply(() => this.#transfer.fail(serverStopped, "server-stopped"));
  }

  /** Reports the progress, if there was any since the last report. */
  reportProgress(now: number): void {
    this.#report.reportProgress(now);
  }

  /** As `snapshot()` shows it. */
  describe(): RunningTransfer {
    return this.#report.describe();
  }

  /** An error in one transfer ends that transfer, and nothing else. */
  #apply(input: (now: number) => Effect): void {
    const now = performance.now();
    try {
      this.#carryOut(input(now), now);
    } catch (error) {
      this.#fail(internalError, error);
    }
  }

  /** The way may not take packets of this size. */
  #watchSilence(effect: Effect): Effect {
    const isSilentAgain = this.#silence.isSilentAgain(this.#transfer);
    if (isSilentAgain && effect !== "send-offer") this.#dependencies.channel.onSilence();
    return effect;
  }

  #carryOut(effect: Effect, now: number): void {
    if (effect === "send-blocks") this.#sendBlocks(now);
    else if (effect === "send-offer") this.#sendWhole(this.#dependencies.plan.offer);
    else if (effect === "end") this.#end();
    this.#urgent.isHeld = this.#transfer.isUrgent;
    // An ACK that ends a back-off brings the deadline forward.
    this.#dependencies.timer.advance(this.deadline);
  }

  /** Sends what is due, as far as it is in memory and the socket takes it. */
  #sendBlocks(now: number): void {
    const transfer = this.#transfer;
    const packet = this.#packet;
    while (transfer.next <= transfer.sendEnd && !this.#ended) {
      const chunk = this.#dependencies.blocks.chunkWith(transfer.next);
      if (chunk === undefined) return this.#load(transfer.next);
      transfer.lastBlock = this.#dependencies.blocks.lastBlock;
      const index = transfer.next - chunk.firstBlock;
      const count = Math.min(chunk.blockCount - index, transfer.sendEnd - transfer.next + 1);
      const offset = index * packet;
      const length = Math.min(count * packet, chunk.bytes.length - offset);
      const taken = this.#dependencies.channel.send(chunk.bytes, offset, length, packet);
      this.#dependencies.reporter.counters.bytesSent += taken;
      // To send a window one by one takes as long as a short round trip: what counts is when it had left.
      if (taken > 0) transfer.sent(transfer.next + Math.ceil(taken / packet) - 1, count > 1 ? performance.now() : now);
      if (taken < length) return;
    }
  }

  #load(block: number): void {
    if (this.#loading.isHeld) return;
    this.#loading.isHeld = true;
    this.#dependencies.blocks.load(block, (error) => {
      this.#loading.isHeld = false;
      if (error !== undefined) return this.#fail(contentFailed, error);
      this.#apply(() => "send-blocks");
    });
  }

  #sendWhole(packet: Uint8Array | undefined): void {
    if (packet) this.#dependencies.channel.send(packet, 0, packet.length, packet.length);
  }

  /** The channel is closed behind it: what a full socket does not take now is lost. */
  #sendParting(packet: Uint8Array): void {
    const taken = this.#dependencies.channel.send(packet, 0, packet.length, packet.length);
    if (taken < packet.length) this.onError(socketFull());
  }

  #fail(fault: Fault, cause: unknown): void {
    if (this.#ended) return;
    this.#transfer.fail(fault);
    this.#end(cause);
  }

  #end(cause?: unknown): void {
    const { outcome, parting } = this.#transfer;
    if (this.#ended || outcome === undefined) return;
    this.#ended = true;
    const { timer, channel, blocks } = this.#dependencies;
    if (parting) this.#sendParting(parting);
    if (this.#timerEntry) timer.delete(this.#timerEntry);
    channel.close();
    blocks.close();
    this.#loading.isHeld = false;
    this.#urgent.isHeld = false;
    this.#report.reportEnd(outcome, cause);
    this.#observer.onEnded();
  }
}
