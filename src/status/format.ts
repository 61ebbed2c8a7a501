import type { Endpoint } from "../contract/endpoint.ts";
import { printableText } from "../contract/text/printable-text.ts";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** "0 B", "1.5 KiB", "12 MiB": never more than three digits before the point, and one behind it only below 10. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1);
  const amount = bytes / 1_024 ** power;
  return `${power > 0 && amount < 10 ? amount.toFixed(1) : Math.round(amount)} ${UNITS[power]}`;
}

/** "8 ms", "1.5 s", "2 min 5 s" */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1_000)} s`;
}

export function formatEndpoint({ address, port }: Endpoint): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** "192.0.2.1:69, [2001:db8::1]:69"; "no address" if there is none. */
export function formatEndpoints(endpoints: readonly Endpoint[]): string {
  return endpoints.map(formatEndpoint).join(", ") || "no address";
}

/** "[#####-----]  50%", or only the amount if the total is not known. */
export function formatProgress(bytes: number, total: number | undefined, width = 20): string {
  if (total === undefined) return formatBytes(bytes);
  const share = total === 0 ? 1 : Math.min(bytes / total, 1);
  const filled = Math.floor(share * width);
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  return `[${"#".repeat(filled)}${"-".repeat(width - filled)}] ${percent} of ${formatBytes(total)}`;
}

/** What came over the network, or from a file, must not steer a terminal, nor break a line in two. */
export function printable(text: string): string {
  return printableText(text);
}
