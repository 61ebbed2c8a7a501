import { AF_INET } from "../system/abi.ts";
import { decodeIpv6, dotted } from "../system/socket-address.ts";

// rtnetlink(7): struct nlmsghdr, then struct ifinfomsg or ifaddrmsg, then attributes.
export const NETLINK_HEADER = 16;
const LINK_HEADER = 16;
const ADDRESS_HEADER = 8;
const ATTRIBUTE_HEADER = 4;

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const RTM_NEWLINK = 16;
export const RTM_GETLINK = 18;
const RTM_NEWADDR = 20;
export const RTM_GETADDR = 22;
/** NLM_F_REQUEST | NLM_F_DUMP: all of them. */
const DUMP = 0x301;
/** NLM_F_DUMP_INTR: something has changed meanwhile, and the answer may lack it. */
const INTERRUPTED = 0x10;

const IFLA_IFNAME = 3;
const IFA_ADDRESS = 1;
/** The local end of a point-to-point link; IFA_ADDRESS is the peer's then. */
const IFA_LOCAL = 2;
/** Flags of more than the header's 8 bits. */
const IFA_FLAGS = 8;
const IFF_UP = 1;
const IFA_F_OPTIMISTIC = 0x04;
/** Duplicate address detection goes on, or has failed: it cannot be bound (RFC 4862 section 5.4). */
const IFA_F_TENTATIVE = 0x40;

export type NetlinkMessage =
  | { readonly kind: "link"; readonly index: number; readonly name: string; readonly isUp: boolean }
  /** `address` without its zone. */
  | { readonly kind: "address"; readonly index: number; readonly address: string; readonly isTentative: boolean }
  /** The end of a dump. */
  | { readonly kind: "done" }
  /** The request was refused, or its dump broken off. `errno` is positive; 0 if the message has none. */
  | { readonly kind: "error"; readonly errno: number }
  /** What was dumped may be a mixture of before and after a change. */
  | { readonly kind: "interrupted" };

/** A request for all links or addresses (RTM_GETLINK, RTM_GETADDR), of every family. */
export function encodeDump(type: number): Uint8Array {
  const bytes = new Uint8Array(NETLINK_HEADER + LINK_HEADER);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, DUMP, true);
  return bytes;
}

/** Reads what one recv(2) has returned. Messages of other types are left out; a length that lies ends it. */
export function decodeMessages(bytes: Uint8Array): NetlinkMessage[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const messages: NetlinkMessage[] = [];
  for (let at = 0; at + NETLINK_HEADER <= bytes.length;) {
    const length = view.getUint32(at, true);
    if (length < NETLINK_HEADER || at + length > bytes.length) break;
    if ((view.getUint16(at + 6, true) & INTERRUPTED) !== 0) messages.push({ kind: "interrupted" });
    const body = bytes.subarray(at + NETLINK_HEADER, at + length);
    const message = decodeBody(view.getUint16(at + 4, true), body);
    if (message) messages.push(message);
    at += aligned(length);
  }
  return messages;
}

function decodeBody(type: number, body: Uint8Array): NetlinkMessage | undefined {
  const errno = body.length < 4 ? 0 : -viewOf(body).getInt32(0, true);
  if (type === NLMSG_ERROR) return { kind: "error", errno };
  // A dump that the kernel has broken off ends with the reason.
  if (type === NLMSG_DONE) return errno > 0 ? { kind: "error", errno } : { kind: "done" };
  if (type === RTM_NEWLINK && body.length >= LINK_HEADER) return decodeLink(body);
  if (type === RTM_NEWADDR && body.length >= ADDRESS_HEADER) return decodeAddress(body);
  return undefined;
}

function decodeLink(body: Uint8Array): NetlinkMessage | undefined {
  const name = attributes(body, LINK_HEADER).get(IFLA_IFNAME);
  if (!name) return undefined;
  const view = viewOf(body);
  return {
    kind: "link",
    index: view.getInt32(4, true),
    name: Buffer.from(name).toString().replace(/\0.*/s, ""),
    isUp: (view.getUint32(8, true) & IFF_UP) !== 0,
  };
}

function decodeAddress(body: Uint8Array): NetlinkMessage | undefined {
  const found = attributes(body, ADDRESS_HEADER);
  const bytes = found.get(IFA_LOCAL) ?? found.get(IFA_ADDRESS);
  const isIpv4 = body[0] === AF_INET;
  if (bytes?.length !== (isIpv4 ? 4 : 16)) return undefined;
  const wide = found.get(IFA_FLAGS);
  const flags = wide?.length === 4 ? viewOf(wide).getUint32(0, true) : (body[2] ?? 0);
  return {
    kind: "address",
    index: viewOf(body).getUint32(4, true),
    // The caller adds the zone: it knows the interface's name.
    address: isIpv4 ? dotted(bytes, 0) : decodeIpv6(bytes, 0).replace(/%.*/, ""),
    isTentative: (flags & IFA_F_TENTATIVE) !== 0 && (flags & IFA_F_OPTIMISTIC) === 0,
  };
}

/** struct rtattr: length and type, 16 bits each, and the data. */
function attributes(body: Uint8Array, from: number): Map<number, Uint8Array> {
  const view = viewOf(body);
  const found = new Map<number, Uint8Array>();
  for (let at = from; at + ATTRIBUTE_HEADER <= body.length;) {
    const length = view.getUint16(at, true);
    if (length < ATTRIBUTE_HEADER || at + length > body.length) break;
    found.set(view.getUint16(at + 2, true), body.subarray(at + ATTRIBUTE_HEADER, at + length));
    at += aligned(length);
  }
  return found;
}

/** Messages and attributes begin at multiples of four bytes. */
function aligned(length: number): number {
  return (length + 3) & ~3;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
