import type { DescriptorLedger } from "../../../contract/descriptors.ts";
import type { Endpoint } from "../../../contract/events.ts";
import {
  AF_INET,
  EMFILE,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_RECVPKTINFO,
  IP_PKTINFO,
  SOL_SOCKET,
  SO_RCVTIMEO,
} from "./abi.ts";
import { type Libc, systemError } from "./libc.ts";
import type { Poller } from "./poller.ts";
import { decodeAddress, encodeAddress, familyOf, SOCKADDR_MAX } from "./socket-address.ts";

const ON = Int32Array.of(1);
/** A struct sockaddr of the family AF_UNSPEC. */
const UNSPECIFIED = new Uint8Array(16);

/** Opens and closes sockets, and keeps the ledger of them. */
export class NativeSockets {
  readonly libc: Libc;
  readonly poller: Poller;
  readonly #ledger: DescriptorLedger;

  constructor(libc: Libc, poller: Poller, ledger: DescriptorLedger) {
    this.libc = libc;
    this.poller = poller;
    this.#ledger = ledger;
  }

  /** A bound socket. @throws a system error, and nothing is open then. */
  open(at: Endpoint): number {
    const descriptor = this.libc.socket(familyOf(at.address));
    try {
      if (!this.#ledger.add(descriptor)) throw systemError(EMFILE, "socket");
      this.libc.bind(descriptor, encodeAddress(at));
      return descriptor;
    } catch (error) {
      this.#release(descriptor);
      throw error;
    }
  }

  connect(descriptor: number, client: Endpoint): void {
    this.libc.connect(descriptor, encodeAddress(client));
  }

  /** It is connected to nobody any more, and its port is free, for the kernel has picked that (connect(2), AF_UNSPEC). */
  disconnect(descriptor: number): void {
    this.libc.connect(descriptor, UNSPECIFIED);
  }

  nameOf(descriptor: number): Endpoint {
    const address = new Uint8Array(SOCKADDR_MAX);
    this.libc.getsockname(descriptor, address);
    return decodeAddress(address);
  }

  /** Has the kernel tell where each datagram was sent to. */
  tellDestinations(descriptor: number, family: number): void {
    if (family === AF_INET) this.libc.setOption(descriptor, IPPROTO_IP, IP_PKTINFO, ON);
    else this.libc.setOption(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, ON);
  }

  /** A receive that waits gives up after so long. */
  limitWait(descriptor: number, ms: number): void {
    // struct timeval: seconds, microseconds.
    this.libc.setOption(descriptor, SOL_SOCKET, SO_RCVTIMEO, BigInt64Array.of(0n, BigInt(ms * 1_000)));
  }

  close(descriptor: number): void {
    this.poller.delete(descriptor);
    this.#release(descriptor);
  }

  #release(descriptor: number): void {
    this.#ledger.delete(descriptor);
    this.libc.close(descriptor);
  }
}
