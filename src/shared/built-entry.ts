/**
 * The entry of a thread or a process of ours in the built package, which has a few files side by side; scripts/build.ts
 * puts this in place of source-entry.ts. webpack and its kin copy what is named by a literal in this form.
 * @throws {TypeError} in a bundle of CommonJS, which does not know its own URL.
 */
export function entryOf(room: "worker" | "object-store/process"): URL {
  return room === "worker" ? new URL("./worker.js", import.meta.url) : new URL("./store.js", import.meta.url);
}
