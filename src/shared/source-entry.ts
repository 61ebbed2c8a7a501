/** Whether this is the source tree, run by tsx or vitest, and not the built package. */
export const runsFromSource: boolean = import.meta.url.endsWith(".ts");

/**
 * The entry of a thread or a process of ours when the source tree runs; `room` is its directory under src/.
 * A run of the tests compiles the sources once and names the result in TFTP_COMPILED_SOURCES, a file URL that ends with
 * "/": to compile them again in each of some 300 threads takes half a second of CPU each. Everything else goes by tsx.
 */
export function sourceEntry(room: "worker" | "object-store/process"): URL {
  const compiled = process.env["TFTP_COMPILED_SOURCES"];
  if (compiled) return new URL(`${room}/entry.js`, compiled);
  return new URL(`../${room}/from-source.mjs`, import.meta.url);
}
