import { existsSync } from "node:fs";
import { TftpError } from "../contract/errors.ts";
import { entryOf } from "./source-entry.ts";

/** What this package starts, by the option that names another file for it. */
const started = {
  workerUrl: { room: "worker", what: "the server's thread", from: "tftp-driver/worker" },
  storeUrl: { room: "object-store/process", what: "the process for the source", from: "tftp-driver/store" },
} as const;

/**
 * The file that a thread or process of ours starts with: what the option says, else this package's own.
 * @param chosen A file URL.
 * @throws {TftpError} START_FAILED if it is not there, with what to do.
 */
export function entryFile(option: keyof typeof started, chosen?: string | URL): URL {
  const { room, what, from } = started[option];
  const entry = chosen === undefined ? ownEntry(room) : new URL(chosen);
  // The reason is not looked for: without the permission to look, the thread could not read it either.
  if (entry !== undefined && existsSync(entry)) return entry;
  const place = entry === undefined ? "this bundle does not know its own place" : `${entry.href} is not there`;
  const advice = chosen
    ? `the option ${option} has to name the file that was made of ${from}`
    : `if this program is bundled, keep tftp-driver out of the bundle, or bundle ${from} into a file of its own and ` +
      `name that by the option ${option}`;
  throw new TftpError("START_FAILED", `${what} cannot be started: ${place}; ${advice} (docs/bundling.md)`);
}

/** Undefined in a bundle that has no `import.meta.url`, as one of CommonJS. */
function ownEntry(room: "worker" | "object-store/process"): URL | undefined {
  try {
    return entryOf(room);
  } catch {
    return undefined;
  }
}
