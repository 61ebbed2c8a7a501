import { onTestFinished } from "vitest";
import { type Libc, loadLibc } from "../../src/worker/transport/linux/system/libc.ts";
import {
  decodeAddress,
  encodeAddress,
  familyOf,
  SOCKADDR_MAX,
} from "../../src/worker/transport/linux/system/socket-address.ts";

/** A UDP socket that is bound, and that nothing reads, as systemd hands one over; closed when the test is over. */
export async function unreadSocket(address: string): Promise<{ descriptor: number; port: number; libc: Libc }> {
  const libc = await loadLibc();
  const descriptor = libc.socket(familyOf(address));
  onTestFinished(() => libc.close(descriptor));
  libc.bind(descriptor, encodeAddress({ address, port: 0 }));
  const name = new Uint8Array(SOCKADDR_MAX);
  libc.getsockname(descriptor, name);
  return { descriptor, port: decodeAddress(name).port, libc };
}
