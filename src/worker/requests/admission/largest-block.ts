import { isIPv6 } from "node:net";
import type { Endpoint } from "../../../contract/endpoint.ts";
import type { ServerConfig } from "../../../contract/options/server-config.ts";
import { DATA_HEADER } from "../../protocol/packet.ts";
import type { Channel } from "../../transport/transport.ts";

/** In bytes. Neither has options or extension headers here. */
const IP_HEADER = { IPv4: 20, IPv6: 40 } as const;
const UDP_HEADER = 8;
/** RFC 2348. */
const [MIN_BLOCK, MAX_BLOCK] = [8, 65_464];

/** The largest block for this client, in bytes: `maxBlockSize: "mtu"` is what one packet to it has room for. */
export async function largestBlock(
  { maxBlockSize }: Pick<ServerConfig, "maxBlockSize">,
  channel: Channel,
  client: Endpoint,
  options: ReadonlyMap<string, string>,
): Promise<number> {
  if (maxBlockSize !== "mtu") return maxBlockSize;
  // The client asks for no other size than the default: there is nothing to find out.
  if (!options.has("blksize")) return MAX_BLOCK;
  return blockWithin(await channel.mtu(), client.address);
}

/** The payload of a DATA packet that fills an IP packet of `mtu` bytes. */
export function blockWithin(mtu: number, client: string): number {
  const header = isIPv6(client) && !/^::ffff:\d+\./i.test(client) ? IP_HEADER.IPv6 : IP_HEADER.IPv4;
  return Math.min(MAX_BLOCK, Math.max(MIN_BLOCK, mtu - header - UDP_HEADER - DATA_HEADER));
}
