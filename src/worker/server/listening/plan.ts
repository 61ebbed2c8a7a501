import { isIPv4 } from "node:net";
import type { HostSpec } from "../../../contract/options/host-spec.ts";
import { isWildcard } from "../../../shared/network/wildcard.ts";
import type { Interfaces, LocalInterface } from "../../transport/interfaces.ts";
import type { Wildcards } from "./wildcards.ts";

/** An address that is to be bound. */
export interface Target {
  readonly address: string;
  /** The entry of the option `host` that it comes from. */
  readonly spec: HostSpec;
  /**
   * Tells it from others. A socket that is tied to an interface is of no use any more if that was made anew, so its
   * number is part of the key then.
   */
  readonly key: string;
}

/** What this machine has at one moment, as far as binds depend on it. */
export interface Machine {
  readonly interfaces: Interfaces;
  readonly wildcards: Wildcards;
  /** The address that the default route leaves from; undefined if there is none, or if no entry asks for it. */
  readonly defaultRoute: string | undefined;
  /** The option `bindDevice`. */
  readonly device: string | undefined;
}

/** The most addresses that are bound: an interface may have thousands. */
export const MAX_BINDS = 1_024;

export interface Plan {
  /** In the order of the entries. */
  readonly targets: readonly Target[];
  /** The keys of the targets that serve each entry; of its own, or of a wildcard that covers it. */
  readonly keys: ReadonlyMap<HostSpec, readonly string[]>;
  /** How many addresses are over MAX_BINDS. */
  readonly surplus: number;
}

/**
 * What to bind: each address once, and none that a wildcard among them covers. An address that was named is always among
 * them: whether it can be bound is seen then.
 */
export function planBinds(specs: readonly HostSpec[], machine: Machine): Plan {
  // A device that is gone takes what was bound to it along.
  if (machine.device !== undefined && !find(machine, machine.device))
    return { targets: [], keys: new Map(), surplus: 0 };
  const all = specs.flatMap((spec) =>
    addressesOf(spec, machine).map((address) => ({ address, spec, key: keyOf(address, machine) })),
  );
  const wildcards = all.filter(({ address }) => isWildcard(address));
  const targets = new Map<string, Target>();
  const keys = new Map<HostSpec, string[]>();
  const surplus = new Set<string>();
  for (const own of all) {
    const cover = wildcards.find(({ address }) => address !== own.address && covers(address, own.address, machine));
    const target = cover ?? own;
    const isNew = !targets.has(target.key);
    if (isNew && targets.size === MAX_BINDS) {
      surplus.add(target.key);
      continue;
    }
    if (isNew) targets.set(target.key, target);
    keys.set(own.spec, [...(keys.get(own.spec) ?? []), target.key]);
  }
  return { targets: [...targets.values()], keys, surplus: surplus.size };
}

/** The interface of that name. Where those without a carrier are not listed, one that is not listed may be there. */
export function find({ interfaces }: Machine, name: string): LocalInterface | undefined {
  const found = interfaces.list.find((each) => each.name === name);
  return found ?? (interfaces.isComplete ? undefined : { name, index: undefined, addresses: [] });
}

/** Whether an interface has the address. */
export function isListed({ interfaces }: Machine, address: string): boolean {
  return interfaces.list.some(({ addresses }) => addresses.includes(address));
}

function addressesOf(spec: HostSpec, machine: Machine): readonly string[] {
  switch (spec.kind) {
    case "address":
      return [spec.text];
    case "all":
      return machine.wildcards.all;
    case "default-route":
      return machine.defaultRoute === undefined ? [] : [machine.defaultRoute];
    case "interface": {
      const all = machine.interfaces.list.find(({ name }) => name === spec.name)?.addresses ?? [];
      const ofFamily = all.filter(
        (address) => spec.family === undefined || isIPv4(address) === (spec.family === "IPv4"),
      );
      return ofFamily.toSorted((one, other) => rank(one) - rank(other));
    }
    default:
      return [];
  }
}

/** IPv4 comes first: it is what boot ROMs speak, mostly. Link-local addresses come last: they count on one link only. */
function rank(address: string): number {
  if (isIPv4(address)) return 0;
  return address.includes("%") ? 2 : 1;
}

function keyOf(address: string, machine: Machine): string {
  const device = machine.device ?? address.split("%")[1];
  const index = device === undefined ? undefined : find(machine, device)?.index;
  return index === undefined ? address : `${address}#${index}`;
}

function covers(wildcard: string, address: string, { wildcards }: Machine): boolean {
  if (wildcard === "0.0.0.0") return isIPv4(address);
  return !isIPv4(address) || wildcards.isDual;
}
