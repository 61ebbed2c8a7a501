import type { TcpAddress } from "../../../shared/network/listen-tcp.ts";
import type { Flags } from "../../commands/flags.ts";
import { parsePort } from "../../commands/values.ts";
import { UsageError } from "../../usage-error.ts";

/** How a command that runs until a signal shows what happens. */
export interface ViewFlags {
  readonly json: boolean;
  /** Print lines on a terminal too, instead of the screen. */
  readonly plain?: boolean;
  /** The TCP port of the dashboard; 0 for any free one. */
  readonly openUi?: number;
  readonly metrics?: TcpAddress;
}

/** @throws {UsageError} */
export function parseViewFlags(flags: Flags): ViewFlags {
  if (flags.isSet("json") && flags.isSet("plain")) {
    throw new UsageError("--json and --plain: expected only one of them");
  }
  const openUi = flags.text("open-ui");
  const metrics = parseMetrics(flags.text("metrics-port"), flags.text("metrics-host"));
  return {
    json: flags.isSet("json"),
    ...(flags.isSet("plain") && { plain: true }),
    ...(openUi !== undefined && { openUi: parsePort("--open-ui", openUi) }),
    ...(metrics && { metrics }),
  };
}

function parseMetrics(port: string | undefined, host: string | undefined): TcpAddress | undefined {
  if (port !== undefined) return { host: host ?? "127.0.0.1", port: parsePort("--metrics-port", port) };
  if (host !== undefined) throw new UsageError("--metrics-host: expected --metrics-port too");
  return undefined;
}
