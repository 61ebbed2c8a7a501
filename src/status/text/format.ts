import type { Endpoint } from "../../contract/endpoint.ts";
import { printableText } from "../../contract/text/printable-text.ts";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** "0 B", "1.5 KiB", "12 MiB", "1023 MiB": one digit behind the point below 10, but of bytes none. */
export function formatBytes(bytes: number): string {
  let power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1);
  // What would be rounded to 1024 of a unit is 1.0 of the next one.
  if (bytes / 1_024 ** power >= 1_023.5 && power < UNITS.length - 1) power++;
  const amount = bytes / 1_024 ** power;
  return `${power > 0 && amount < 9.95 ? amount.toFixed(1) : Math.round(amount)} ${UNITS[power]}`;
}

/** "8 ms", "1.5 s", "2 min 5 s", "1 h 2 min", "3 d 4 h". */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`;
  // Less than a minute that would be rounded to 60.0 s is a minute.
  const seconds = Math.max(Math.floor(ms / 1_000), 60);
  const [minutes, hours, days] = [60, 3_600, 86_400].map((unit) => Math.floor(seconds / unit)) as [
    number,
    number,
    number,
  ];
  if (hours === 0) return `${minutes} min ${seconds % 60} s`;
  return days === 0 ? `${hours} h ${minutes % 60} min` : `${days} d ${hours % 24} h`;
}

/** "192.0.2.1:69", "[2001:db8::1]:69". */
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
