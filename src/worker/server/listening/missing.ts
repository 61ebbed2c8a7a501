import { TftpError } from "../../../contract/errors.ts";
import type { HostSpec } from "../../../contract/options/host-spec.ts";
import { whyNotAvailable } from "../start-failure.ts";
import { find, type Machine } from "./plan.ts";

/** Something that the options name is not on this machine (yet). */
export function missingFailure(missing: readonly HostSpec[], machine: Machine): TftpError {
  return new TftpError("ADDRESS_NOT_AVAILABLE", whyMissing(missing, machine));
}

/** What is missing, as a sentence. */
export function whyMissing(missing: readonly HostSpec[], machine: Machine): string {
  const { device } = machine;
  if (device !== undefined && !find(machine, device)) return `bindDevice: ${noInterface(device, machine)}`;
  return `host: ${missing.map((spec) => whyAbsent(spec, machine)).join("; ")}`;
}

function whyAbsent(spec: HostSpec, machine: Machine): string {
  if (spec.kind === "address") return whyNotAvailable(spec.text);
  if (spec.kind !== "interface") return "there is no default route";
  const isListed = machine.interfaces.list.some(({ name }) => name === spec.name);
  if (!isListed) return noInterface(spec.name, machine);
  const family = spec.family === undefined ? "" : `${spec.family} `;
  return `the interface ${spec.name} has no ${family}address that can be bound`;
}

function noInterface(name: string, { interfaces: { list, isComplete } }: Machine): string {
  const names = list.map((each) => each.name).join(", ") || "none";
  const carrier = isComplete ? "" : ", or it has no carrier";
  return `there is no interface ${name}${carrier} (this machine has ${names})`;
}
