import { createSocket } from "node:dgram";
import { once } from "node:events";

/** The addresses that stand for all addresses of this machine, and whether `::` takes IPv4 clients as well. */
export interface Wildcards {
  readonly all: readonly string[];
  readonly isDual: boolean;
}

/**
 * One socket on `::` serves both families, unless the sysctl net.ipv6.bindv6only says otherwise: then `0.0.0.0` goes
 * with it. Without IPv6 it is `0.0.0.0` alone.
 */
export async function findWildcards(): Promise<Wildcards> {
  const socket = createSocket("udp6");
  let hasIpv6 = false;
  try {
    const bound = once(socket, "listening");
    socket.bind(0, "::");
    await bound;
    hasIpv6 = true;
    const connected = once(socket, "connect");
    // A socket for IPv6 alone refuses an address of IPv4. Nothing is sent.
    socket.connect(9, "::ffff:127.0.0.1");
    await connected;
    return { all: ["::"], isDual: true };
  } catch {
    return { all: hasIpv6 ? ["0.0.0.0", "::"] : ["0.0.0.0"], isDual: false };
  } finally {
    socket.close();
  }
}
