import type { Endpoint } from "../../../contract/events.ts";
import type { Channel, ChannelReceiver } from "../transport.ts";
import { EAGAIN, EINTR, systemError } from "./libc.ts";
import type { NativeSockets } from "./native-sockets.ts";
import { NAP, type Pumped } from "./pump.ts";
import { isRefusal, type Segmentation } from "./segmentation.ts";

/** An ACK is four bytes; what is longer is cut, and means the same. An ERROR's text may be cut as well. */
const incoming = new Uint8Array(1_024);

/** One transfer's connected socket. */
export class NativeChannel implements Channel, Pumped {
  readonly #sockets: NativeSockets;
  readonly #descriptor: number;
  readonly #segmentation: Segmentation;
  #receiver: ChannelReceiver | undefined;
  /** The segment size that the socket is set to; 0: it does not cut. */
  #segment = 0;
  /** Its receive timeout is set. */
  #canWait = false;
  #closed = false;

  constructor(sockets: NativeSockets, local: Endpoint, client: Endpoint, segmentation: Segmentation) {
    this.#sockets = sockets;
    this.#segmentation = segmentation;
    this.#descriptor = sockets.open({ ...local, port: 0 }, client);
  }

  attach(receiver: ChannelReceiver): void {
    this.#receiver = receiver;
    this.#sockets.pump.add(this.#descriptor, this);
  }

  onReadable(): void {
    this.#take(this.#sockets.libc.receive(this.#descriptor, incoming, false));
  }

  readonly receiveWaiting = (): boolean => {
    if (!this.#canWait) {
      this.#sockets.limitWait(this.#descriptor, NAP);
      this.#canWait = true;
    }
    const length = this.#sockets.libc.receive(this.#descriptor, incoming, true);
    this.#take(length);
    return length >= 0;
  };

  onWritable(): void {
    this.#sockets.pump.setWriting(this.#descriptor, false);
    this.#receiver?.onWritable();
  }

  send(bytes: Uint8Array, offset: number, length: number, segment: number): number {
    const end = offset + length;
    let at = offset;
    while (at < end) {
      const batch = Math.min(end - at, this.#segmentation.batchSize(segment));
      this.#setSegment(batch, segment);
      const taken = this.#sockets.libc.send(this.#descriptor, bytes.subarray(at, at + batch));
      if (taken >= 0) at += batch;
      else if (!this.#cope(-taken, batch > segment)) break;
    }
    return at - offset;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#sockets.close(this.#descriptor);
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
  #setSegment(batch: number, segment: number): void {
    const wanted = batch > segment ? segment : batch > this.#segment ? 0 : this.#segment;
    if (wanted === this.#segment) return;
    this.#segmentation.set(this.#descriptor, wanted);
    this.#segment = wanted;
  }

  /** What to do about a failed send; true: go on. */
  #cope(errno: number, batched: boolean): boolean {
    if (batched && isRefusal(errno)) {
      this.#segmentation.giveUp(this.#segment);
      return true;
    }
    if (errno === EAGAIN) this.#sockets.pump.setWriting(this.#descriptor, true);
    else this.#receiver?.onError(systemError(errno, "send"));
    return false;
  }
}
