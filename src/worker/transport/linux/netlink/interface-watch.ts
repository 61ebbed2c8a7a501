import type { DescriptorLedger } from "../system/descriptor-ledger.ts";
import { AF_NETLINK, EAGAIN, EINTR } from "../system/abi.ts";
import type { Libc } from "../system/libc.ts";
import type { PolledSocket, Poller } from "../polling/poller.ts";

/** RTMGRP_LINK, RTMGRP_IPV4_IFADDR and RTMGRP_IPV6_IFADDR (rtnetlink(7)). Routes change too often on a busy router. */
const GROUPS = 0x1 | 0x10 | 0x100;
/** struct sockaddr_nl. */
const SOCKADDR_NL = 12;
/** In bytes. What does not fit is cut: that something has changed is all that counts. */
const BUFFER = 8_192;
/** At most this many datagrams are read in one turn, so that changes without an end do not hold up the boards. */
const MAX_READS = 256;

/** Calls back whenever the kernel reports that a link or an address has come, gone or changed. */
export class InterfaceWatch implements PolledSocket {
  readonly #libc: Libc;
  readonly #ledger: DescriptorLedger;
  readonly #poller: Poller;
  readonly #onChange: () => void;
  readonly #descriptor: number;
  readonly #buffer = new Uint8Array(BUFFER);
  #closed = false;

  /** @throws a system error if there is no netlink here; nothing is open then. */
  constructor(libc: Libc, ledger: DescriptorLedger, poller: Poller, onChange: () => void) {
    this.#libc = libc;
    this.#ledger = ledger;
    this.#poller = poller;
    this.#onChange = onChange;
    this.#descriptor = ledger.take(libc, () => libc.socket(AF_NETLINK));
    try {
      libc.bind(this.#descriptor, multicastAddress());
      poller.add(this.#descriptor, this);
    } catch (error) {
      ledger.close(this.#descriptor);
      throw error;
    }
  }

  /** Errors, too: ENOBUFS says that changes were lost. */
  onReadable(): void {
    const address = this.#libc.addressOf(this.#buffer.buffer);
    for (let reads = 0; reads < MAX_READS; reads++) {
      const length = this.#libc.receive(this.#descriptor, address, BUFFER, false);
      if (length === -EAGAIN || length === -EINTR) break;
    }
    this.#onChange();
  }

  onWritable(): void {}

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#poller.delete(this.#descriptor);
    this.#ledger.close(this.#descriptor);
  }
}

function multicastAddress(): Uint8Array {
  const bytes = new Uint8Array(SOCKADDR_NL);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_NETLINK, true);
  view.setUint32(8, GROUPS, true);
  return bytes;
}
