import { networkInterfaces } from "node:os";

/** A network interface of this machine. */
export interface LocalInterface {
  readonly name: string;
  /** Its number. An interface that is made anew under the same name has another one. Undefined if it is not known. */
  readonly index: number | undefined;
  /** The addresses that can be bound; link-local ones of IPv6 with their zone ("fe80::1%eth1"). */
  readonly addresses: readonly string[];
}

/** The interfaces of this machine at one moment. */
export interface Interfaces {
  readonly list: readonly LocalInterface[];
  /** False: those without a carrier (the cable is out, the board is off) are missing, although they can be bound. */
  readonly isComplete: boolean;
}

/** As Node reports them: without those that have no carrier. @throws a system error, as without file handles. */
export function interfacesOfNode(): Interfaces {
  const list = Object.entries(networkInterfaces()).map(([name, infos = []]) => ({
    name,
    index: infos.find(({ scopeid }) => scopeid)?.scopeid,
    addresses: infos.map(({ address, scopeid }) => (scopeid ? `${address}%${name}` : address)),
  }));
  return { list, isComplete: false };
}
