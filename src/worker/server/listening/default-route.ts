import { createSocket } from "node:dgram";
import { once } from "node:events";
import { networkInterfaces } from "node:os";

/** Any address beyond our own networks will do, as those for documentation (RFC 5737, RFC 3849): nothing is sent. */
const FAR_AWAY = [
  { type: "udp4", address: "192.0.2.1" },
  { type: "udp6", address: "2001:db8::1" },
] as const;

/**
 * The address that the default route leaves from, of IPv4 if it has one, or else of IPv6; undefined without any route.
 */
export async function defaultAddress(): Promise<string | undefined> {
  for (const { type, address } of FAR_AWAY) {
    const own = await sourceAddress(type, address);
    if (own !== undefined) return own;
  }
  return undefined;
}

/** All addresses, for a machine without a default route: `::` if it has only IPv6 ones besides loopback. */
export function allAddresses(): "0.0.0.0" | "::" {
  const own = Object.values(networkInterfaces()).flatMap((infos = []) => infos.filter(({ internal }) => !internal));
  return own.length > 0 && own.every(({ family }) => family === "IPv6") ? "::" : "0.0.0.0";
}

/** Found by connecting a UDP socket. */
async function sourceAddress(type: "udp4" | "udp6", far: string): Promise<string | undefined> {
  const socket = createSocket(type);
  try {
    const connected = once(socket, "connect");
    socket.connect(9, far);
    await connected;
    return socket.address().address;
  } catch {
    return undefined;
  } finally {
    socket.close();
  }
}
