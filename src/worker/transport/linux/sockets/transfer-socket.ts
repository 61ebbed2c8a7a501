import type { Endpoint } from "../../../../contract/endpoint.ts";
import type { ChannelReceiver } from "../../transport.ts";
import { AF_INET6, EAGAIN, EINTR } from "../system/abi.ts";
import { AnswerWait } from "../polling/answer-wait.ts";
import type { BriefWait } from "../polling/brief-wait.ts";
import type { Clock } from "../system/clock.ts";
import type { IncomingBatch } from "../batches/incoming-batch.ts";
import { systemError } from "../system/libc.ts";
import { MINIMUM_MTU, type NativeSockets } from "./native-sockets.ts";
import { RECEIVED_SIZE, type Recipient } from "../batches/receive-batch.ts";
import { familyOf } from "../system/socket-address.ts";
import { type Busy, POLL_TIMEOUT_MS, type PolledSocket } from "../polling/poller.ts";
import { NO_LIMITS, type PathLimits, type PathMemory } from "./path-memory.ts";
import { Sender } from "./sender.ts";

const incoming = new Uint8Array(RECEIVED_SIZE);
/** More datagrams than a socket's buffer holds: that many errors and datagrams mean that the socket is broken. */
const MAX_LEFT = 10_000;

interface How {
  /** Called before it is bound. */
  readonly prepare?: (descriptor: number) => void;
  /** When it waits awake; one of its own by default. */
  readonly briefWait?: BriefWait;
}

/**
 * A socket that serves one transfer after the other, each from a port of its own: between them it is bound to none. One
 * that is bound to a certain port serves one transfer.
 */
export class TransferSocket implements PolledSocket, Recipient, Busy {
  /** What it is bound to; port 0 is any port. */
  readonly local: Endpoint;
  readonly #sockets: NativeSockets;
  readonly #descriptor: number;
  readonly #sender: Sender;
  readonly #paths: PathMemory;
  /** The client's address, and what is known of the way to it. */
  #client = "";
  #limits: PathLimits = NO_LIMITS;
  /** The address of `incoming` in memory. */
  readonly #incoming: number;
  /** Gets what arrives; without one it is thrown away. */
  #receiver: ChannelReceiver | undefined;
  readonly #briefWait: BriefWait | undefined;
  /** It has run alone. */
  #answerWait: AnswerWait | undefined;
  /** It is watched for room to send. */
  #writing = false;

  /** @throws a system error, and nothing is open then. */
  constructor(sockets: NativeSockets, local: Endpoint, paths: PathMemory, { prepare, briefWait }: How = {}) {
    this.local = local;
    this.#paths = paths;
    this.#sockets = sockets;
    this.#incoming = sockets.libc.addressOf(incoming.buffer) + incoming.byteOffset;
    this.#descriptor = sockets.open(local, prepare);
    this.#briefWait = briefWait;
    this.#sender = new Sender({
      libc: sockets.libc,
      descriptor: this.#descriptor,
      sendBatch: sockets.poller.sendBatch,
      onFull: () => this.#watchWriting(true),
      onLost: (errno) => this.#reportLost(errno),
      onRefusedSegment: (refusedFrom) => this.#note({ refusedFrom }),
    });
    try {
      sockets.poller.add(this.#descriptor, this);
    } catch (error) {
      sockets.close(this.#descriptor);
      throw error;
    }
  }

  /** Connects to the next client; the kernel picks a port (TID) unless there is one. @throws a system error. */
  connect(client: Endpoint): void {
    this.#sockets.connect(this.#descriptor, client);
    this.#client = client.address;
    this.#answerWait?.reset();
    this.#limits = this.#paths.limitsOf(client.address);
    this.#sender.refusedFrom = this.#limits.refusedFrom;
    if (this.#limits.isNarrow) this.#sockets.setNarrow(this.#descriptor, true);
  }

  attach(receiver: ChannelReceiver): void {
    this.#receiver = receiver;
    this.#sockets.poller.setBusy(this);
  }

  /** As `Channel.send`. */
  send(bytes: Uint8Array, offset: number, length: number, segment: number): number {
    return this.#sender.send(bytes, offset, length, segment);
  }

  /** As `Channel.mtu`. What made a way narrow was a hop that does not say so. */
  get mtu(): number {
    const mtu = this.#sockets.mtuOf(this.#descriptor, familyOf(this.local.address));
    return this.#limits.isNarrow ? Math.min(mtu, MINIMUM_MTU) : mtu;
  }

  /**
   * What was sent draws no answer. IPv6 routers cut nothing, and if their ICMP errors are lost on the way, the sender
   * does not hear of a narrow hop (RFC 2923): from now on packets are cut to what every link takes (RFC 8200 section
   * 5). Linux does so only with those over the interface's MTU: one between the two, as a last block, is still lost.
   */
  onSilence(): void {
    if (this.#limits.isNarrow || familyOf(this.local.address) !== AF_INET6) return;
    this.#sockets.setNarrow(this.#descriptor, true);
    this.#note({ isNarrow: true });
  }

  /** Gives the port back: from now on nothing arrives any more. */
  disconnect(): void {
    // Before the receiver goes: it hears of a parting ERROR that could not leave.
    this.#sender.reset();
    this.#detach();
    if (this.#limits.isNarrow) this.#sockets.setNarrow(this.#descriptor, false);
    this.#limits = NO_LIMITS;
    if (this.#writing) this.#watchWriting(false);
    this.#sockets.disconnect(this.#descriptor);
  }

  /** Throws away what the last client's datagrams and ICMP errors have left. False: it is of no use any more. */
  drain(): boolean {
    for (let left = 0; left < MAX_LEFT; left++) if (this.#receive(false) === -EAGAIN) return true;
    return false;
  }

  /** What is there, at most `most` datagrams, with both their ends. Returns how many, or the negative errno. */
  receiveMessages(batch: IncomingBatch, most: number): number {
    return batch.receive(this.#descriptor, most, false);
  }

  close(): void {
    this.#sender.end();
    this.#detach();
    this.#sockets.close(this.#descriptor);
  }

  onReadable(now: number): void {
    this.onReceived(incoming, this.#receive(false), now);
  }

  onReceived(bytes: Uint8Array, length: number, now: number): void {
    if (length >= 0) this.#receiver?.onDatagram(bytes, length, now);
    // A signal, as profilers send them, ends the wait too.
    else if (length !== -EAGAIN && length !== -EINTR) this.#receiver?.onError(systemError(-length, "recv"));
  }

  receiveWaiting(clock: Clock): boolean {
    this.#answerWait ??= this.#prepareToWait();
    const length = this.#answerWait.receive(clock);
    this.onReceived(incoming, length, clock.now);
    return length >= 0;
  }

  onWritable(): void {
    // The event may be older than the transfer.
    if (!this.#writing) return;
    this.#watchWriting(false);
    if (this.#sender.resend()) this.#receiver?.onWritable();
  }

  #detach(): void {
    this.#receiver = undefined;
    this.#sockets.poller.setIdle(this);
  }

  #prepareToWait(): AnswerWait {
    this.#sockets.limitWait(this.#descriptor, POLL_TIMEOUT_MS);
    return new AnswerWait((wait) => this.#receive(wait), this.#briefWait);
  }

  #receive(wait: boolean): number {
    return this.#sockets.libc.receive(this.#descriptor, this.#incoming, incoming.length, wait);
  }

  /** Not at once: the receiver is in the middle of a send. It hears of it even if its transfer has ended then. */
  #reportLost(errno: number): void {
    const receiver = this.#receiver;
    if (receiver) queueMicrotask(() => receiver.onError(systemError(errno, "send")));
  }

  #note(found: Partial<PathLimits>): void {
    this.#limits = { ...this.#limits, ...found };
    this.#paths.note(this.#client, this.#limits);
  }

  #watchWriting(writing: boolean): void {
    this.#writing = writing;
    this.#sockets.poller.setWriting(this.#descriptor, writing);
  }
}
