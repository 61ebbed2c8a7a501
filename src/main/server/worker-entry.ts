const fromSource = import.meta.url.endsWith(".ts");

/** Where the server's thread begins: the one place in main/ that knows. */
export const workerEntry: URL = new URL(
  fromSource ? "../../worker/from-source.mjs" : "../../worker/entry.js",
  import.meta.url,
);
