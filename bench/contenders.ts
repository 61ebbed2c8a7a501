import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type NativePeer, nativePeers } from "./native-peers.ts";

/** A server that takes part. */
export interface Contender {
  readonly id: string;
  readonly version: string;
  /** What it is to the ratios: measured, compared with, or the bound that C sets. */
  readonly role: "ours" | "peer" | "bound";
  /** Where it listens. */
  readonly host: string;
  /** 0: any. */
  readonly port: number;
  /** Its process does all of the work, so that /proc tells what that costs. */
  readonly oneProcess: boolean;
  /** It takes part only if `--peer` names it. */
  readonly onRequest?: true;
  /** It knows RFC 7440. */
  readonly windows: boolean;
  readonly command: (host: string, port: number, directory: string) => readonly string[];
}

/** Someone who cannot be started here, and why. */
export interface Absent {
  readonly id: string;
  readonly reason: string;
}

export const OURS = "ours";
export const OURS_PORTABLE = "ours, dgram";
export const OURS_SINGLE = "ours, single port";
export const OURS_SINGLE_PORTABLE = "ours, dgram, single port";
export const NPM_TFTP = "npm tftp";
export const LEAST_C = "least C";

const usual = { host: "127.0.0.1", port: 0, oneProcess: true, windows: true } as const;

/** Everyone who can be started here, ours first. `least` is the compiled servers/least.c. */
export function findContenders(least: string): { contenders: readonly Contender[]; absent: readonly Absent[] } {
  const found = nativePeers.map(findNative);
  const contenders: Contender[] = [
    ours(OURS, "auto"),
    ours(OURS_PORTABLE, "dgram"),
    { ...ours(OURS_SINGLE, "auto", "single"), onRequest: true },
    { ...ours(OURS_SINGLE_PORTABLE, "dgram", "single"), onRequest: true },
    ...found.filter((entry): entry is Contender => "command" in entry),
    {
      ...usual,
      id: NPM_TFTP,
      version: packageVersion("../node_modules/tftp/package.json"),
      role: "peer",
      command: (_host, port, directory) => [process.execPath, script("npm-tftp.mjs"), `${port}`, directory],
    },
    {
      ...usual,
      id: LEAST_C,
      version: "bench/servers/least.c",
      role: "bound",
      command: (_host, port, directory) => [least, `${port}`, directory],
    },
  ];
  return { contenders, absent: found.filter((entry): entry is Absent => "reason" in entry) };
}

function ours(id: string, transport: "auto" | "dgram", ports: "own" | "single" = "own"): Contender {
  const commit = spawnSync("git", ["describe", "--always", "--dirty"], { encoding: "utf8" }).stdout?.trim();
  return {
    ...usual,
    id,
    version: [packageVersion("../package.json"), commit].filter(Boolean).join(", "),
    role: "ours",
    command: (...where) => [process.execPath, script("ours.mjs"), ...where.map(String), transport, ports],
  };
}

function findNative(peer: NativePeer): Contender | Absent {
  const { id, program, variable, versionFlag, needsRoot, host, port, forks, windows, onRequest, flags } = peer;
  if (needsRoot && process.getuid?.() !== 0) return { id, reason: "needs root" };
  const file = process.env[variable] ?? program;
  const { error, stdout, stderr } = spawnSync(file, [versionFlag], { encoding: "utf8", timeout: 2_000 });
  if (error) return { id, reason: `${file} is not on PATH, and ${variable} does not name it` };
  const version = /\d+(\.\d+)+/.exec(stdout + stderr)?.[0] ?? "unknown";
  return {
    id,
    version,
    role: "peer",
    host,
    port,
    oneProcess: !forks,
    windows,
    ...(onRequest && { onRequest }),
    command: (...where) => [file, ...flags(...where)],
  };
}

function script(name: string): string {
  return fileURLToPath(new URL(`servers/${name}`, import.meta.url));
}

function packageVersion(path: string): string {
  return (JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")) as { version: string }).version;
}
