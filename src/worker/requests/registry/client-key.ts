import type { Endpoint } from "../../../contract/endpoint.ts";

/**
 * What counts as one client: an IPv4 address, or an IPv6 network of 64 bits. A host of such a network can take any of
 * its 2^64 addresses (RFC 4291 section 2.5.1), so that a limit for each address would be none.
 */
export function clientKey(address: string): string {
  return address.includes(":") ? networkOf(address) : address;
}

/** A port of a client: what RFC 1350 calls a TID is unique only there. */
export function portKey({ address, port }: Endpoint): string {
  return `${address} ${port}`;
}

/** The first four groups, as numbers; the zone of a link-local address stays with them. */
function networkOf(address: string): string {
  const [bare = "", zone = ""] = address.split("%");
  const [head = "", tail] = bare.split("::");
  const groups = groupsOf(head);
  if (tail !== undefined) {
    // Of an address that ends in dotted IPv4 form, that form takes two groups.
    const behind = groupsOf(tail).length + (tail.includes(".") ? 1 : 0);
    while (groups.length + behind < 8) groups.push("0");
    groups.push(...groupsOf(tail));
  }
  const network = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(":")}::/64%${zone}`;
}

function groupsOf(text: string): string[] {
  return text === "" ? [] : text.split(":");
}
