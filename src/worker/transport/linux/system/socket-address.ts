import { readFileSync } from "node:fs";
import { isIPv4, SocketAddress } from "node:net";
import { networkInterfaces } from "node:os";
import type { Endpoint } from "../../../../contract/endpoint.ts";
import { AF_INET, AF_INET6 } from "./abi.ts";

/** Room for either kind. */
export const SOCKADDR_MAX = 28;

/** A struct sockaddr_in or sockaddr_in6. */
export function encodeAddress({ address, port }: Endpoint): Uint8Array {
  return isIPv4(address) ? encode4(address, port) : encode6(address, port);
}

export function familyOf(address: string): number {
  return isIPv4(address) ? AF_INET : AF_INET6;
}

/** Reads a struct sockaddr; an IPv4 address inside IPv6 comes out as what it is. */
export function decodeAddress(bytes: Uint8Array): Endpoint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const port = view.getUint16(2);
  if (view.getUint16(0, true) === AF_INET) return { address: dotted(bytes, 4), port };
  return { address: decodeIpv6(bytes.subarray(8, 24), view.getUint32(24, true)), port };
}

/** `scope` is an interface's index; only link-local addresses need one. */
export function decodeIpv6(bytes: Uint8Array, scope: number): string {
  const groups = Array.from({ length: 8 }, (_, group) =>
    (((bytes[group * 2] ?? 0) << 8) | (bytes[group * 2 + 1] ?? 0)).toString(16),
  );
  if (groups.slice(0, 6).join(":") === "0:0:0:0:0:ffff") return dotted(bytes, 12);
  const address = new SocketAddress({ address: groups.join(":"), family: "ipv6" }).address;
  const linkLocal = /^fe[89ab]/.test(address);
  return linkLocal ? `${address}%${interfaceName(scope) ?? scope}` : address;
}

/** The 16 bytes of an IPv6 address; its scope is not among them. */
export function encodeIpv6(address: string): Uint8Array {
  const plain = address.split("%")[0] ?? "";
  // The dotted tail of an address such as ::ffff:192.0.2.1 stands for two groups.
  const hex = plain.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...quad: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = quad.slice(0, 4).map(Number);
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
  const [head = "", tail] = hex.split("::");
  const front = head.split(":").filter(Boolean);
  const back = (tail ?? "").split(":").filter(Boolean);
  const groups = [...front, ...Array.from({ length: 8 - front.length - back.length }, () => "0"), ...back];
  return Uint8Array.from(
    groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]),
  );
}

function encode4(address: string, port: number): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes[0] = AF_INET;
  bytes[2] = port >> 8;
  bytes[3] = port & 255;
  let at = 4;
  for (const part of address.split(".")) bytes[at++] = Number(part);
  return bytes;
}

function encode6(address: string, port: number): Uint8Array {
  const bytes = new Uint8Array(SOCKADDR_MAX);
  bytes.set([AF_INET6, 0, port >> 8, port & 255]);
  bytes.set(encodeIpv6(address), 8);
  const scope = address.split("%")[1];
  if (scope !== undefined) new DataView(bytes.buffer).setUint32(24, scopeOf(scope), true);
  return bytes;
}

function scopeOf(name: string): number {
  if (/^\d+$/.test(name)) return Number(name);
  return networkInterfaces()[name]?.find(({ scopeid }) => scopeid)?.scopeid ?? indexOf(name);
}

/** Node does not list an interface without a carrier. 0 if there is no such interface. */
function indexOf(name: string): number {
  try {
    return Number(readFileSync(`/sys/class/net/${name.replace(/\//g, "")}/ifindex`, "utf8"));
  } catch {
    return 0;
  }
}

function interfaceName(scope: number): string | undefined {
  return Object.entries(networkInterfaces()).find(([, infos]) => infos?.some(({ scopeid }) => scopeid === scope))?.[0];
}

/** The IPv4 address at `offset`. */
export function dotted(bytes: Uint8Array, offset: number): string {
  return `${bytes[offset]}.${bytes[offset + 1]}.${bytes[offset + 2]}.${bytes[offset + 3]}`;
}
