import type { Endpoint } from "../../../contract/events.ts";
import { AF_INET, IPPROTO_IP, IPPROTO_IPV6, IPV6_PKTINFO, IP_PKTINFO } from "./abi.ts";
import type { Libc } from "./libc.ts";
import { decodeAddress, decodeIpv6, dotted, encodeIpv6, SOCKADDR_MAX } from "./socket-address.ts";

// One block of memory holds a struct msghdr (56 bytes, recvmsg(2)) and all that it points to.
const NAME = 64;
const VECTOR = 96;
const CONTROL = 128;
const CONTROL_SIZE = 128;
const DATA = 256;
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
  readonly #bytes = new Uint8Array(DATA + DATA_SIZE);
  readonly #view = new DataView(this.#bytes.buffer);

  constructor(libc: Libc) {
    const base = BigInt(libc.addressOf(this.#bytes.buffer));
    this.header = this.#bytes.subarray(0, 56);
    this.#view.setBigUint64(0, base + BigInt(NAME), true);
    this.#view.setBigUint64(16, base + BigInt(VECTOR), true);
    this.#view.setBigUint64(24, 1n, true);
    this.#view.setBigUint64(32, base + BigInt(CONTROL), true);
    this.#view.setBigUint64(VECTOR, base + BigInt(DATA), true);
  }

  prepareReceive(): void {
    this.#view.setUint32(8, SOCKADDR_MAX, true);
    this.#view.setBigUint64(40, BigInt(CONTROL_SIZE), true);
    this.#view.setBigUint64(VECTOR + 8, BigInt(DATA_SIZE), true);
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
    let found = UNKNOWN;
    const end = CONTROL + Number(this.#view.getBigUint64(40, true));
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
    this.#view.setUint32(8, to.length, true);
    this.#bytes.set(data, DATA);
    this.#view.setBigUint64(VECTOR + 8, BigInt(data.length), true);
    this.#view.setBigUint64(40, BigInt(this.#control(to[0] === AF_INET, from)), true);
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
    const size = ipv4 ? 12 : 20;
    this.#bytes.fill(0, CONTROL, CONTROL + CONTROL_SIZE);
    this.#view.setBigUint64(CONTROL, BigInt(CMSG_DATA + size), true);
    this.#view.setInt32(CONTROL + 8, ipv4 ? IPPROTO_IP : IPPROTO_IPV6, true);
    this.#view.setInt32(CONTROL + 12, ipv4 ? IP_PKTINFO : IPV6_PKTINFO, true);
    if (ipv4) this.#bytes.set(from.split(".").map(Number), CONTROL + CMSG_DATA + 4);
    else this.#bytes.set(encodeIpv6(from), CONTROL + CMSG_DATA);
    return ipv4 ? 32 : 40;
  }
}
