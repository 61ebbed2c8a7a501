import { readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";

/** Ethernet's, and what is taken if the system does not say: only Linux has a file for it. */
const USUAL_MTU = 1_500;

/** How long an answer is used again, in ms: a farm that boots at once asks for one interface a thousand times. */
const MAX_AGE = 1_000;

/** The MTU of the interface that has an address, for sockets that do not know the way to their client. */
export class InterfaceMtu {
  #known = new Map<string, Promise<number>>();
  #knownSince = -Infinity;

  /** In bytes, the IP header included. @param address A local one. */
  of(address: string): Promise<number> {
    const now = performance.now();
    if (now - this.#knownSince > MAX_AGE) {
      this.#known = new Map();
      this.#knownSince = now;
    }
    const known = this.#known.get(address) ?? readMtu(address);
    this.#known.set(address, known);
    return known;
  }
}

async function readMtu(address: string): Promise<number> {
  try {
    const name = interfaceOf(address);
    const mtu = name === undefined ? NaN : Number(await readFile(`/sys/class/net/${name}/mtu`, "utf8"));
    return mtu > 0 ? mtu : USUAL_MTU;
  } catch {
    return USUAL_MTU;
  }
}

/** Its name: a zone is one; a label such as "eth0:1" is that of an address, and the interface's stands before it. */
function interfaceOf(address: string): string | undefined {
  const [plain = "", zone] = address.replace(/^::ffff:(?=\d+\.)/i, "").split("%");
  if (zone !== undefined) return zone;
  // All of 127.0.0.0/8 belongs to the loopback, but only 127.0.0.1 is listed.
  const listed = plain.startsWith("127.") ? "127.0.0.1" : plain;
  const found = Object.entries(networkInterfaces()).find(([, infos]) => infos?.some((info) => info.address === listed));
  return found?.[0].split(":")[0];
}
