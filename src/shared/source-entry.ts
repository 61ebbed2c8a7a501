/**
 * The entry of a thread or a process of ours when the source tree runs, or what tsc makes of it file by file; `room` is
 * its directory under src/. The built package has built-entry.ts in place of this.
 *
 * A run of the tests compiles the sources once and names the result in TFTP_COMPILED_SOURCES, a file URL that ends with
 * "/": to compile them again in each of some 300 threads takes half a second of CPU each. Everything else goes by tsx.
 */
export function entryOf(room: "worker" | "object-store/process"): URL {
  const compiled = process.env["TFTP_COMPILED_SOURCES"];
  if (compiled) return new URL(`${room}/entry.js`, compiled);
  const runsFromSource = import.meta.url.endsWith(".ts");
  return new URL(`../${room}/${runsFromSource ? "from-source.mjs" : "entry.js"}`, import.meta.url);
}
