/** A range of addresses: all whose first `prefix` bits are those of `address`. */
export interface AddressRange {
  readonly address: string;
  readonly family: "ipv4" | "ipv6";
  readonly prefix: number;
}

const OCTET = String.raw`(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`;
const IPV4 = new RegExp(String.raw`^${OCTET}(\.${OCTET}){3}$`);

/** Parses an address ("192.168.1.17", "fd00::17") or a CIDR range ("192.168.1.0/24"); undefined if it is neither. */
export function parseAddressRange(text: string): AddressRange | undefined {
  const [address = "", bits, ...more] = text.split("/");
  const family = familyOf(address);
  if (family === undefined || more.length > 0) return undefined;
  const widest = family === "ipv4" ? 32 : 128;
  if (bits === undefined) return { address, family, prefix: widest };
  const prefix = /^\d{1,3}$/.test(bits) ? Number(bits) : Infinity;
  return prefix <= widest ? { address, family, prefix } : undefined;
}

export function isAddressRange(value: unknown): value is string {
  return typeof value === "string" && parseAddressRange(value) !== undefined;
}

/** Whether it is an address that a socket could be bound to, as text; a link-local one may have its zone (%eth1). */
export function isNumericAddress(text: string): boolean {
  const [, plain = "", zone] = /^([^%]*)(%[\w.-]+)?$/.exec(text) ?? [];
  if (IPV4.test(plain)) return zone === undefined;
  return isIpv6(plain);
}

function familyOf(address: string): AddressRange["family"] | undefined {
  if (IPV4.test(address)) return "ipv4";
  if (!isIpv6(address)) return undefined;
  // IPv4 clients go by their IPv4 address, also on a socket for both families: as IPv6 it would never be met.
  return new URL(urlOf(address)).hostname.startsWith("[::ffff:") ? undefined : "ipv6";
}

/** The rules for IPv6 in text are long, and a URL's host follows them. */
function isIpv6(address: string): boolean {
  return /^[0-9a-f:.]+$/i.test(address) && URL.canParse(urlOf(address));
}

function urlOf(address: string): string {
  return `tftp://[${address}]/`;
}
