import type { Endpoint } from "../../../contract/events.ts";
import type { ChannelReceiver } from "../transport.ts";
import { EAGAIN, EINTR, systemError } from "./libc.ts";
import type { NativeSockets } from "./native-sockets.ts";
import { NAP, type Pumped } from "./pump.ts";
import { isRefusal, type Segmentation } from "./segmentation.ts";

/** An ACK is four bytes; what is longer is cut, and means the same. An ERROR's text may be cut as well. */
const incoming = new Uint8Array(1_024);

/** A socket that serves one transfer after the other, each from a port of its own: between them it is bound to none. */
export class TransferSocket implements Pumped {
  /** The address that it is bound to. */
  readonly local: string;
  readonly #sockets: NativeSockets;
  readonly #segmentation: Segmentation;
  readonly #descriptor: number;
  /** Where `incoming` lies. */
  readonly #incoming: number;
  /** Who gets what arrives; without one it is thrown away. */
  #receiver: ChannelReceiver | undefined;
  /** The segment size that the socket is set to; 0: it does not cut. */
  #segment = 0;
  /** Its receive timeout is set. */
  #canWait = false;
  /** It is watched for room to send. */
  #writing = false;
  /** What was sent from last, and where in memory it lies. */
  #bytes: Uint8Array | undefined;
  #base = 0;

  /** @throws a system error, and nothing is open then. */
  constructor(sockets: NativeSockets, local: string, segmentation: Segmentation) {
    this.local = local;
    this.#sockets = sockets;
    this.#segmentation = segmentation;
    this.#descriptor = sockets.open({ address: local, port: 0 });
    this.#incoming = sockets.libc.addressOf(incoming.buffer) + incoming.byteOffset;
    sockets.pump.add(this.#descriptor, this);
  }

  /** Connects to the next client; the kernel picks a port (TID) unless there is one. @throws a system error. */
  connect(client: Endpoint): void {
    this.#sockets.connect(this.#descriptor, client);
  }

  /** Gives the port back: from now on nothing arrives any more. */
  disconnect(): void {
    this.detach();
    // The next client's way may not take segments of that size, and then takes nothing at all.
    if (this.#segment !== 0) this.#cut(0);
    if (this.#writing) this.#watchWriting(false);
    this.#sockets.disconnect(this.#descriptor);
  }

  /** Throws away what the last client's datagrams and ICMP errors have left. False: it is of no use any more. */
  drain(): boolean {
    const { libc } = this.#sockets;
    for (let left = 0; left < MAX_LEFT; left++) {
      if (libc.receive(this.#descriptor, this.#incoming, incoming.length, false) === -EAGAIN) return true;
    }
    return false;
  }

  attach(receiver: ChannelReceiver): void {
    this.#receiver = receiver;
    this.#sockets.pump.setBusy(this);
  }

  detach(): void {
    this.#receiver = undefined;
    this.#bytes = undefined;
    this.#sockets.pump.setIdle(this);
  }

  close(): void {
    this.detach();
    this.#sockets.close(this.#descriptor);
  }

  onReadable(): void {
    this.#take(this.#sockets.libc.receive(this.#descriptor, this.#incoming, incoming.length, false));
  }

  receiveWaiting(): boolean {
    if (!this.#canWait) {
      this.#sockets.limitWait(this.#descriptor, NAP);
      this.#canWait = true;
    }
    const length = this.#sockets.libc.receive(this.#descriptor, this.#incoming, incoming.length, true);
    this.#take(length);
    return length >= 0;
  }

  onWritable(): void {
    // The event may be older than the transfer.
    if (!this.#writing) return;
    this.#watchWriting(false);
    this.#receiver?.onWritable();
  }

  /** As `Channel.send`. */
  send(bytes: Uint8Array, offset: number, length: number, segment: number): number {
    const end = offset + length;
    const base = this.#baseOf(bytes);
    let at = offset;
    while (at < end) {
      const batch = Math.min(end - at, this.#segmentation.batchSize(segment));
      this.#prepareCut(batch, segment);
      const taken = this.#sockets.libc.send(this.#descriptor, base + at, batch);
      if (taken >= 0) at += batch;
      else if (!this.#cope(-taken, batch > segment)) break;
    }
    return at - offset;
  }

  /** Where these bytes lie. They do not move; `#bytes` keeps them alive for as long as their address is known here. */
  #baseOf(bytes: Uint8Array): number {
    if (bytes === this.#bytes) return this.#base;
    this.#bytes = bytes;
    this.#base = this.#sockets.libc.addressOf(bytes.buffer) + bytes.byteOffset;
    return this.#base;
  }

  /** A datagram of that length has been received, or a negative errno. */
  #take(length: number): void {
    if (length >= 0) this.#receiver?.onDatagram(incoming, length);
    // A signal, as profilers send them, ends the wait too.
    else if (length !== -EAGAIN && length !== -EINTR) this.#receiver?.onError(systemError(-length, "recv"));
  }

  /**
   * Has the kernel cut a batch into datagrams (UDP_SEGMENT), and leave a single one whole: one that is longer than
   * what the socket is set to would be cut too.
   */
  #prepareCut(batch: number, segment: number): void {
    const wanted = batch > segment ? segment : batch > this.#segment ? 0 : this.#segment;
    if (wanted !== this.#segment) this.#cut(wanted);
  }

  #cut(segment: number): void {
    this.#segmentation.set(this.#descriptor, segment);
    this.#segment = segment;
  }

  /** What to do about a failed send; true: go on. */
  #cope(errno: number, batched: boolean): boolean {
    if (batched && isRefusal(errno)) {
      this.#segmentation.giveUp(this.#segment);
      return true;
    }
    if (errno === EAGAIN) this.#watchWriting(true);
    else this.#receiver?.onError(systemError(errno, "send"));
    return false;
  }

  #watchWriting(writing: boolean): void {
    this.#writing = writing;
    this.#sockets.pump.setWriting(this.#descriptor, writing);
  }
}

/** More cannot be left in a socket's buffer than this many datagrams; it was not open for anybody to fill it again. */
const MAX_LEFT = 10_000;
