import type { DescriptorLedger } from "../system/descriptor-ledger.ts";
import type { Endpoint } from "../../../../contract/endpoint.ts";
import {
  AF_INET6,
  IP_MTU,
  IP_MTU_DISCOVER,
  IP_PKTINFO,
  IP_PMTUDISC_DONT,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_MTU,
  IPV6_MTU_DISCOVER,
  IPV6_PMTUDISC_DONT,
  IPV6_RECVPKTINFO,
  SOL_SOCKET,
  SO_BINDTODEVICE,
  SO_RCVTIMEO,
  SO_TYPE,
  SOCK_DGRAM,
} from "../system/abi.ts";
import type { Libc } from "../system/libc.ts";
import type { Poller } from "../polling/poller.ts";
import { DEVICE_SYSCALL } from "../../network-errors.ts";
import { decodeAddress, encodeAddress, familyOf, SOCKADDR_MAX } from "../system/socket-address.ts";

const ON = Int32Array.of(1);
/** IPv6's minimum, in bytes. */
export const MINIMUM_MTU = 1_280;
/** A struct sockaddr of the family AF_UNSPEC. */
const UNSPECIFIED = new Uint8Array(16);

/** Opens and closes sockets, and keeps the ledger of them. */
export class NativeSockets {
  readonly libc: Libc;
  readonly poller: Poller;
  readonly #ledger: DescriptorLedger;
  /** What every socket that is opened is bound to (SO_BINDTODEVICE); undefined: to none. */
  device: string | undefined;

  constructor(libc: Libc, poller: Poller, ledger: DescriptorLedger) {
    this.libc = libc;
    this.poller = poller;
    this.#ledger = ledger;
  }

  /** A bound socket; `prepare` is called before it is bound. @throws a system error, and nothing is open then. */
  open(at: Endpoint, prepare?: (descriptor: number) => void): number {
    const family = familyOf(at.address);
    const descriptor = this.#ledger.take(this.libc, () => this.libc.socket(family));
    try {
      if (this.device !== undefined) this.#bindToDevice(descriptor, this.device);
      this.#allowFragments(descriptor, family);
      prepare?.(descriptor);
      this.libc.bind(descriptor, encodeAddress(at));
      return descriptor;
    } catch (error) {
      this.#release(descriptor);
      throw error;
    }
  }

  /**
   * A copy of a socket that is bound already. Of what arrived there before, the kernel knows the destination only if the
   * socket's maker has asked it to.
   * @throws {Error} if it is no bound UDP socket; nothing is open then.
   */
  adopt(inherited: number): number {
    const descriptor = this.#ledger.take(this.libc, () => this.libc.copy(inherited));
    try {
      const type = this.libc.getOption(descriptor, SOL_SOCKET, SO_TYPE);
      if (type !== SOCK_DGRAM) throw new Error(`expected a datagram socket (type ${SOCK_DGRAM}), got type ${type}`);
      const { address } = this.nameOf(descriptor);
      this.#allowFragments(descriptor, familyOf(address));
      this.reportDestinations(descriptor, familyOf(address));
      return descriptor;
    } catch (error) {
      this.#release(descriptor);
      throw error;
    }
  }

  connect(descriptor: number, client: Endpoint): void {
    this.libc.connect(descriptor, encodeAddress(client));
  }

  /** Ends the connection, and frees the port, since the kernel has picked that (connect(2), AF_UNSPEC). */
  disconnect(descriptor: number): void {
    this.libc.connect(descriptor, UNSPECIFIED);
  }

  nameOf(descriptor: number): Endpoint {
    const address = new Uint8Array(SOCKADDR_MAX);
    this.libc.getsockname(descriptor, address);
    return decodeAddress(address);
  }

  /** Has the kernel report the address that each datagram was sent to. */
  reportDestinations(descriptor: number, family: number): void {
    // An IPv6 socket takes IPv4 datagrams too, and only this option says whether one was a broadcast.
    this.libc.setOption(descriptor, IPPROTO_IP, IP_PKTINFO, ON);
    if (family === AF_INET6) this.libc.setOption(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, ON);
  }

  /**
   * IPv6: has packets over the size that every link takes (RFC 8200 section 5) cut here, or over the path's MTU again.
   */
  setNarrow(descriptor: number, isNarrow: boolean): void {
    this.libc.setOption(descriptor, IPPROTO_IPV6, IPV6_MTU, Int32Array.of(isNarrow ? MINIMUM_MTU : 0));
  }

  /** The MTU, in bytes, of the way that a connected socket's packets take, as far as the kernel knows it. */
  mtuOf(descriptor: number, family: number): number {
    const [level, option] = family === AF_INET6 ? [IPPROTO_IPV6, IPV6_MTU] : [IPPROTO_IP, IP_MTU];
    return this.libc.getOption(descriptor, level, option);
  }

  /** A receive that waits gives up after `ms`. */
  limitWait(descriptor: number, ms: number): void {
    // struct timeval: seconds, microseconds.
    this.libc.setOption(descriptor, SOL_SOCKET, SO_RCVTIMEO, BigInt64Array.of(0n, BigInt(ms * 1_000)));
  }

  close(descriptor: number): void {
    this.poller.delete(descriptor);
    this.#release(descriptor);
  }

  /**
   * Without the bit "don't fragment" a router cuts what its next hop does not take. With it a packet is lost, for good
   * if the router's ICMP error is lost too, and some boot ROMs drop packets that have it. IPv6 knows no such bit; there
   * the option only says that the error is no error of the socket.
   */
  #allowFragments(descriptor: number, family: number): void {
    this.libc.setOption(descriptor, IPPROTO_IP, IP_MTU_DISCOVER, Int32Array.of(IP_PMTUDISC_DONT));
    if (family !== AF_INET6) return;
    this.libc.setOption(descriptor, IPPROTO_IPV6, IPV6_MTU_DISCOVER, Int32Array.of(IPV6_PMTUDISC_DONT));
  }

  /** The name of the system call tells its errors (ENODEV, EPERM) from those of bind(2). */
  #bindToDevice(descriptor: number, device: string): void {
    try {
      this.libc.setOption(descriptor, SOL_SOCKET, SO_BINDTODEVICE, Buffer.from(`${device}\0`));
    } catch (error) {
      throw Object.assign(error as NodeJS.ErrnoException, { syscall: DEVICE_SYSCALL });
    }
  }

  #release(descriptor: number): void {
    this.#ledger.close(descriptor);
  }
}
