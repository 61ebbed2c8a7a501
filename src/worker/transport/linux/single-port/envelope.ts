import type { Endpoint } from "../../../../contract/endpoint.ts";
import { AF_INET, SOL_UDP, UDP_SEGMENT } from "../system/abi.ts";
import type { Libc } from "../system/libc.ts";
import { encodeSource, HEADER } from "../system/message.ts";
import { encodeAddress, SOCKADDR_MAX } from "../system/socket-address.ts";

// One block of memory holds a struct mmsghdr (sendmmsg(2)) and all that it points to.
const NAME = HEADER;
const VECTOR = 96;
const CONTROL = 112;
const SIZE = 192;

// struct cmsghdr for UDP_SEGMENT (udp(7)): length, level, type, and a 16-bit size.
const SEGMENT_LENGTH = 18;
const SEGMENT_SPACE = 24;

const NO_SOURCE = new Uint8Array(0);

/**
 * The two ends of what one transfer sends through the well-known port, and the datagrams that it sends next. Serves one
 * transfer after the other.
 */
export class AddressedEnvelope {
  readonly header: Uint8Array;
  /** The header's address in memory. */
  readonly address: number;
  /** The client, as a struct sockaddr in 32-bit words. */
  readonly clientWords: Uint32Array;
  readonly #bytes = new Uint8Array(new ArrayBuffer(SIZE));
  readonly #view: DataView;
  #sourceLength = 0;

  constructor(libc: Pick<Libc, "addressOf">) {
    const bytes = this.#bytes;
    this.address = libc.addressOf(bytes.buffer);
    const base = BigInt(this.address);
    this.header = bytes.subarray(0, HEADER);
    this.clientWords = new Uint32Array(bytes.buffer, NAME, SOCKADDR_MAX / 4);
    this.#view = new DataView(bytes.buffer);
    this.#view.setBigUint64(0, base + BigInt(NAME), true);
    this.#view.setBigUint64(16, base + BigInt(VECTOR), true);
    this.#view.setUint32(24, 1, true);
    this.#view.setBigUint64(32, base + BigInt(CONTROL), true);
  }

  /** `source`: one of our addresses; undefined if the socket is bound to it. Both are of the socket's own family. */
  setEnds(client: Endpoint, source: string | undefined): void {
    const to = encodeAddress(client);
    const control = source === undefined ? NO_SOURCE : encodeSource(to[0] === AF_INET, source);
    this.#bytes.set(to, NAME);
    this.#bytes.set(control, CONTROL);
    this.#sourceLength = control.length;
    this.#view.setUint32(8, to.length, true);
    const segment = CONTROL + control.length;
    this.#view.setUint32(segment, SEGMENT_LENGTH, true);
    this.#view.setInt32(segment + 8, SOL_UDP, true);
    this.#view.setInt32(segment + 12, UDP_SEGMENT, true);
  }

  /** Fills in `length` bytes at that address in memory, which the kernel cuts after each `segment` bytes. */
  fill(address: number, length: number, segment: number): void {
    this.#view.setUint32(VECTOR, address, true);
    this.#view.setUint32(VECTOR + 4, address / 2 ** 32, true);
    this.#view.setUint32(VECTOR + 8, length, true);
    const isCut = length > segment;
    if (isCut) this.#view.setUint16(CONTROL + this.#sourceLength + 16, segment, true);
    this.#view.setUint32(40, this.#sourceLength + (isCut ? SEGMENT_SPACE : 0), true);
  }
}
