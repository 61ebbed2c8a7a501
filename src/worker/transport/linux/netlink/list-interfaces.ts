import type { DescriptorLedger } from "../system/descriptor-ledger.ts";
import { AF_NETLINK } from "../system/abi.ts";
import { type Libc, systemError } from "../system/libc.ts";
import type { Interfaces, LocalInterface } from "../../interfaces.ts";
import { decodeMessages, encodeDump, type NetlinkMessage, RTM_GETADDR, RTM_GETLINK } from "./messages.ts";

/** What the kernel puts into one answer, at most, in bytes (NLMSG_GOODSIZE is below it). */
const BUFFER = 65_536;
/** A dump that was interrupted by a change is asked for again; the last one counts as it is, for a change is watched. */
const MAX_DUMPS = 3;

/**
 * The interfaces and their addresses, as the kernel has them: also those without a carrier, which Node leaves out. The
 * kernel answers within the call: nothing blocks.
 * @throws a system error if there is no netlink here, as in a sandbox; nothing is open then.
 */
export function listInterfaces(libc: Libc, ledger: DescriptorLedger): Interfaces {
  const descriptor = ledger.take(libc, () => libc.socket(AF_NETLINK));
  try {
    for (let dumps = 1; ; dumps++) {
      const messages = [...dump(libc, descriptor, RTM_GETLINK), ...dump(libc, descriptor, RTM_GETADDR)];
      const isWhole = !messages.some(({ kind }) => kind === "interrupted");
      if (isWhole || dumps === MAX_DUMPS) return { list: joinInterfaces(messages), isComplete: true };
    }
  } finally {
    ledger.close(descriptor);
  }
}

function dump(libc: Libc, descriptor: number, type: number): NetlinkMessage[] {
  const request = encodeDump(type);
  const sent = libc.send(descriptor, libc.addressOf(request.buffer), request.length);
  if (sent < 0) throw systemError(-sent, "send");
  const buffer = new Uint8Array(BUFFER);
  const messages: NetlinkMessage[] = [];
  for (;;) {
    const length = libc.receive(descriptor, libc.addressOf(buffer.buffer), BUFFER, false);
    if (length < 0) throw systemError(-length, "recv");
    for (const message of decodeMessages(buffer.subarray(0, length))) {
      if (message.kind === "error") throw systemError(message.errno, "netlink");
      if (message.kind === "done") return messages;
      messages.push(message);
    }
  }
}

/** Each link with its addresses. One that is down has none that can be bound, though it keeps them. */
export function joinInterfaces(messages: readonly NetlinkMessage[]): LocalInterface[] {
  const interfaces = new Map<number, { name: string; index: number; isUp: boolean; addresses: string[] }>();
  for (const message of messages) {
    if (message.kind === "link") interfaces.set(message.index, { ...message, addresses: [] });
    if (message.kind !== "address" || message.isTentative) continue;
    const owner = interfaces.get(message.index);
    if (!owner?.isUp) continue;
    const isLinkLocal = /^fe[89ab]/.test(message.address);
    owner.addresses.push(isLinkLocal ? `${message.address}%${owner.name}` : message.address);
  }
  return Array.from(interfaces.values(), ({ name, index, addresses }) => ({ name, index, addresses }));
}
