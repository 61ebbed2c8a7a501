import { BlockList, isIP } from "node:net";
import { TftpError } from "../../contract/errors.ts";
import { showValue } from "../../contract/text/show-value.ts";

/** Which URLs the exporter fetches for a client that uploads from one. */
export const fetchPolicies = ["never", "network", "anywhere"] as const;
export type FetchPolicy = (typeof fetchPolicies)[number];

/** @throws {TftpError} INVALID_OPTION */
export function checkFetchPolicy(policy: unknown = "network"): FetchPolicy {
  if (fetchPolicies.includes(policy as FetchPolicy)) return policy as FetchPolicy;
  const expected = fetchPolicies.map((each) => JSON.stringify(each)).join(", ");
  throw new TftpError("INVALID_OPTION", `fetchUrls: expected one of ${expected}, got ${showValue(policy)}`);
}

/** Whether an address is on the network: neither this machine, nor its link, nor what a cloud tells its machines. */
export function isOnNetwork(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && !closed.check(address, family === 4 ? "ipv4" : "ipv6");
}

const closed = new BlockList();

/** IPv4 ranges: this host (RFC 1122), loopback, link-local (RFC 3927; metadata of most clouds), multicast and above. */
const ipv4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["224.0.0.0", 3],
  // The metadata of Alibaba's and Oracle's clouds.
  ["100.100.100.200", 32],
  ["192.0.0.192", 32],
];

for (const [address, prefix] of ipv4) {
  closed.addSubnet(address, prefix, "ipv4");
  const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number);
  const tail = `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  // The same addresses as IPv6 writes them: mapped, compatible (RFC 4291), translated (RFC 6052).
  for (const head of ["::ffff:", "::", "64:ff9b::"]) closed.addSubnet(`${head}${tail}`, 96 + prefix, "ipv6");
}
closed.addAddress("::", "ipv6");
closed.addAddress("::1", "ipv6");
closed.addSubnet("fe80::", 10, "ipv6");
closed.addSubnet("ff00::", 8, "ipv6");
// 6to4 (RFC 3056) and Teredo (RFC 4380) carry IPv4 addresses, too; nobody serves files on them any more.
closed.addSubnet("2002::", 16, "ipv6");
closed.addSubnet("2001::", 32, "ipv6");
// The metadata of Amazon's and Google's clouds.
closed.addSubnet("fd00:ec2::", 32, "ipv6");
closed.addSubnet("fd20:ce::", 32, "ipv6");
