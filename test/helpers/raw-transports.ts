import { createRequire } from "node:module";
import { describe } from "vitest";

/** How datagrams can leave. Every socket test runs on each of them that this machine has. */
export type TransportName = "dgram" | "native";

/** All transports of this machine, or the one that TFTP_TEST_TRANSPORT names. */
export const transports: readonly TransportName[] = chosen();

/** A `describe` for each transport. */
export function describeOnEachTransport(title: string, body: (transport: TransportName) => void): void {
  describe.each(transports)(`${title} (%s)`, (transport) => {
    body(transport);
  });
}

/** What tests of other things run on: what users get, unless TFTP_TEST_TRANSPORT says otherwise. */
export function usualTransport(): TransportName | "auto" {
  const [only] = transports;
  return transports.length === 1 && only ? only : "auto";
}

function chosen(): readonly TransportName[] {
  const present: readonly TransportName[] = hasNative() ? ["dgram", "native"] : ["dgram"];
  const wanted = process.env["TFTP_TEST_TRANSPORT"];
  if (wanted === undefined || wanted === "") return present;
  const match = present.filter((name) => name === wanted);
  if (match.length === 0) throw new Error(`TFTP_TEST_TRANSPORT: expected ${present.join(" or ")}, got ${wanted}`);
  return match;
}

/** Where its package is installed it has to work: tests that fell back to dgram in silence would prove nothing. */
function hasNative(): boolean {
  if (process.platform !== "linux" || !["x64", "arm64"].includes(process.arch)) return false;
  try {
    createRequire(import.meta.url).resolve(`@koromix/koffi-linux-${process.arch}`);
    return true;
  } catch {
    return false;
  }
}
