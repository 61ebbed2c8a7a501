import type { Endpoint } from "../../../contract/events.ts";
import type { ChannelReceiver } from "../transport.ts";
import { EAGAIN, EINTR } from "./abi.ts";
import type { Clock } from "./clock.ts";
import { systemError } from "./libc.ts";
import type { NativeSockets } from "./native-sockets.ts";
import { RECEIVED_SIZE, type Recipient } from "./receive-batch.ts";
import { type Busy, POLL_TIMEOUT_MS, type PolledSocket } from "./poller.ts";
import type { Segmentation } from "./segmentation.ts";
import { Sender } from "./sender.ts";

const incoming = new Uint8Array(RECEIVED_SIZE);
/** More datagrams than a socket's buffer holds: who finds so many has found something else. */
const MAX_LEFT = 10_000;

/** A socket that serves one transfer after the other, each from a port of its own: between them it is bound to none. */
export class TransferSocket implements PolledSocket, Recipient, Busy {
  /** The address that it is bound to. */
  readonly local: string;
  readonly #sockets: NativeSockets;
  readonly #descriptor: number;
  readonly #sender: Sender;
  /** Where `incoming` lies. */
  readonly #incoming: number;
  /** Who gets what arrives; without one it is thrown away. */
  #receiver: ChannelReceiver | undefined;
  /** Its receive timeout is set. */
  #canWait = false;
  /** It is watched for room to send. */
  #writing = false;

  /** @throws a system error, and nothing is open then. */
  constructor(sockets: NativeSockets, local: string, segmentation: Segmentation) {
    this.local = local;
    this.#sockets = sockets;
    this.#incoming = sockets.libc.addressOf(incoming.buffer) + incoming.byteOffset;
    this.#descriptor = sockets.open({ address: local, port: 0 });
    this.#sender = new Sender({
      libc: sockets.libc,
      descriptor: this.#descriptor,
      segmentation,
      sendBatch: sockets.poller.sendBatch,
      failed: (errno) => this.#cope(errno),
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
  }

  attach(receiver: ChannelReceiver): void {
    this.#receiver = receiver;
    this.#sockets.poller.setBusy(this);
  }

  /** As `Channel.send`. */
  send(bytes: Uint8Array, offset: number, length: number, segment: number): number {
    return this.#sender.send(bytes, offset, length, segment);
  }

  /** Gives the port back: from now on nothing arrives any more. */
  disconnect(): void {
    this.#detach();
    this.#sender.reset();
    if (this.#writing) this.#watchWriting(false);
    this.#sockets.disconnect(this.#descriptor);
  }

  /** Throws away what the last client's datagrams and ICMP errors have left. False: it is of no use any more. */
  drain(): boolean {
    for (let left = 0; left < MAX_LEFT; left++) if (this.#receive(false) === -EAGAIN) return true;
    return false;
  }

  close(): void {
    this.#detach();
    this.#sender.settle();
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
    if (!this.#canWait) {
      this.#sockets.limitWait(this.#descriptor, POLL_TIMEOUT_MS);
      this.#canWait = true;
    }
    const length = this.#receive(true);
    this.onReceived(incoming, length, clock.read());
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

  #receive(wait: boolean): number {
    return this.#sockets.libc.receive(this.#descriptor, this.#incoming, incoming.length, wait);
  }

  /** What to do about a failed send. */
  #cope(errno: number): void {
    if (errno === EAGAIN) this.#watchWriting(true);
    else this.#receiver?.onError(systemError(errno, "send"));
  }

  #watchWriting(writing: boolean): void {
    this.#writing = writing;
    this.#sockets.poller.setWriting(this.#descriptor, writing);
  }
}
