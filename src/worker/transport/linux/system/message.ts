import type { Endpoint } from "../../../../contract/endpoint.ts";
import { AF_INET, IPPROTO_IP, IPPROTO_IPV6, IPV6_PKTINFO, IP_PKTINFO } from "./abi.ts";
import type { Libc } from "./libc.ts";
import { decodeAddress, decodeIpv6, dotted, encodeIpv6, SOCKADDR_MAX } from "./socket-address.ts";

/** In bytes: a struct mmsghdr (recvmmsg(2)) is a struct msghdr of 56, the datagram's length, and padding. */
export const HEADER = 64;
const LENGTH = 56;

// One block of memory holds all that a struct msghdr points to.
const NAME = 0;
const VECTOR = 32;
const CONTROL = 64;
const CONTROL_SIZE = 128;
const DATA = 192;
/** Longer than any request that is parsed; a longer datagram is cut, and refused for its length. */
const DATA_SIZE = 2_048;

// struct cmsghdr: its length, level and type; the data follow.
const CMSG_DATA = 16;

/** The first byte of an IPv6 multicast address (RFC 4291 section 2.7). */
const IPV6_MULTICAST = 0xff;

/** Which of our addresses a datagram was sent to. */
export interface Destination {
  /** Undefined if the system does not say. */
  readonly address: string | undefined;
  /** False for a broadcast or multicast address: nothing may answer (RFC 1123 section 4.2.3.5). */
  readonly isUnicast: boolean;
}

const UNKNOWN: Destination = { address: undefined, isUnicast: true };

/** A datagram with both its ends: its sender, and which of our addresses it was sent to (ip(7), IP_PKTINFO). */
export class Message {
  readonly header: Uint8Array;
  /** Where a datagram lies; valid until the next one. */
  readonly buffer: Uint8Array;
  /** The sender, as a struct sockaddr in 32-bit words. */
  readonly senderWords: Uint32Array;
  readonly #fields: DataView;
  readonly #bytes = new Uint8Array(DATA + DATA_SIZE);
  readonly #view = new DataView(this.#bytes.buffer);
  readonly #controlWords = new Uint32Array(this.#bytes.buffer, CONTROL, CONTROL_SIZE / 4);
  /** The control messages that came last, and what they say: most often the next ones are equal. */
  #lastControl = new Uint32Array(0);
  #lastDestination = UNKNOWN;

  /** `header` is its place among others, if many are received at once. */
  constructor(libc: Libc, header: Uint8Array = new Uint8Array(HEADER)) {
    const base = BigInt(libc.addressOf(this.#bytes.buffer));
    this.header = header;
    this.buffer = this.#bytes.subarray(DATA);
    this.senderWords = new Uint32Array(this.#bytes.buffer, NAME, SOCKADDR_MAX / 4);
    this.#fields = new DataView(header.buffer, header.byteOffset, HEADER);
    this.#fields.setBigUint64(0, base + BigInt(NAME), true);
    this.#fields.setBigUint64(16, base + BigInt(VECTOR), true);
    this.#fields.setBigUint64(24, 1n, true);
    this.#fields.setBigUint64(32, base + BigInt(CONTROL), true);
    this.#view.setBigUint64(VECTOR, base + BigInt(DATA), true);
  }

  /** The upper halves of 64-bit fields stay zero. */
  prepareReceive(): void {
    this.#fields.setUint32(8, SOCKADDR_MAX, true);
    this.#fields.setUint32(40, CONTROL_SIZE, true);
    this.#view.setUint32(VECTOR + 8, DATA_SIZE, true);
  }

  /** The length of the datagram, if it was received among others. */
  get length(): number {
    return this.#fields.getUint32(LENGTH, true);
  }

  /** The datagram; valid until the next one. */
  data(length: number): Uint8Array {
    return this.#bytes.subarray(DATA, DATA + length);
  }

  get sender(): Endpoint {
    return decodeAddress(this.#bytes.subarray(NAME, NAME + SOCKADDR_MAX));
  }

  /** The address that it was sent to. */
  get destination(): Destination {
    const count = this.#fields.getUint32(40, true) / 4;
    if (this.#isAsBefore(count)) return this.#lastDestination;
    this.#lastDestination = this.#readDestination();
    this.#lastControl = this.#controlWords.slice(0, count);
    return this.#lastDestination;
  }

  #isAsBefore(count: number): boolean {
    if (count !== this.#lastControl.length) return false;
    for (let word = 0; word < count; word++) if (this.#controlWords[word] !== this.#lastControl[word]) return false;
    return true;
  }

  #readDestination(): Destination {
    let found = UNKNOWN;
    const end = CONTROL + this.#fields.getUint32(40, true);
    for (let at = CONTROL; at + CMSG_DATA < end; at += this.#controlLength(at)) {
      const info = at + CMSG_DATA;
      // IPv4 on a socket for both families comes with both.
      if (this.#view.getInt32(at + 8, true) === IPPROTO_IP) return this.#ipv4Destination(info);
      found = this.#ipv6Destination(info);
    }
    return found;
  }

  /** A datagram to send; `from` is one of our addresses, as a 4 or 16 byte address of the socket's own family. */
  prepareSend(data: Uint8Array, to: Uint8Array, from: string | undefined): void {
    this.#bytes.set(to, NAME);
    this.#fields.setUint32(8, to.length, true);
    this.#bytes.set(data, DATA);
    this.#view.setUint32(VECTOR + 8, data.length, true);
    this.#fields.setUint32(40, this.#control(to[0] === AF_INET, from), true);
  }

  /** struct in_pktinfo: interface, our address that would answer, the packet's destination. */
  #ipv4Destination(info: number): Destination {
    const address = dotted(this.#bytes, info + 4);
    if (address === "0.0.0.0") return UNKNOWN;
    return { address, isUnicast: address === dotted(this.#bytes, info + 8) };
  }

  /** struct in6_pktinfo: address, interface. */
  #ipv6Destination(info: number): Destination {
    const address = decodeIpv6(this.#bytes.subarray(info, info + 16), this.#view.getUint32(info + 16, true));
    return { address, isUnicast: this.#bytes[info] !== IPV6_MULTICAST };
  }

  /** Of the control message there, with the padding up to the next. */
  #controlLength(at: number): number {
    return Math.max(CMSG_DATA, Math.ceil(Number(this.#view.getBigUint64(at, true)) / 8) * 8);
  }

  /** Writes the control message that sets the source address, and returns its size. */
  #control(ipv4: boolean, from: string | undefined): number {
    if (from === undefined) return 0;
    const control = encodeSource(ipv4, from);
    this.#bytes.set(control, CONTROL);
    return control.length;
  }
}

/** The control message that sets the source address (ip(7), ipv6(7)): one of our addresses, of the socket's family. */
export function encodeSource(ipv4: boolean, from: string): Uint8Array {
  const control = new Uint8Array(ipv4 ? 32 : 40);
  const view = new DataView(control.buffer);
  view.setUint32(0, CMSG_DATA + (ipv4 ? 12 : 20), true);
  view.setInt32(8, ipv4 ? IPPROTO_IP : IPPROTO_IPV6, true);
  view.setInt32(12, ipv4 ? IP_PKTINFO : IPV6_PKTINFO, true);
  if (ipv4) control.set(from.split(".").map(Number), CMSG_DATA + 4);
  else control.set(encodeIpv6(from), CMSG_DATA);
  return control;
}
