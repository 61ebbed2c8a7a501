import { createSocket } from "node:dgram";
import { once } from "node:events";

/** Any address beyond our own networks will do: nothing is sent there (RFC 5737, documentation only). */
const FAR_AWAY = "192.0.2.1";

/** The address that the default route leaves from, found by connecting a UDP socket; undefined without such a route. */
export async function defaultAddress(): Promise<string | undefined> {
  const socket = createSocket("udp4");
  try {
    const connected = once(socket, "connect");
    socket.connect(9, FAR_AWAY);
    await connected;
    return socket.address().address;
  } catch {
    return undefined;
  } finally {
    socket.close();
  }
}
