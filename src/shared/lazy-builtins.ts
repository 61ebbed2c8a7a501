/**
 * node:crypto, loaded by the first call: it takes a sixth of what this whole package takes to load, for Node then loads
 * its Web Crypto, too.
 */
export const nodeCrypto: () => typeof import("node:crypto") = lazily(() => process.getBuiltinModule("node:crypto"));

/** node:child_process, loaded by the first call: only an object store needs it. */
export const childProcess: () => typeof import("node:child_process") = lazily(() =>
  process.getBuiltinModule("node:child_process"),
);

/** node:v8, loaded by the first call: only an object store needs it. */
export const nodeV8: () => typeof import("node:v8") = lazily(() => process.getBuiltinModule("node:v8"));

/** Node copies all names of a module at each getBuiltinModule(). */
export function lazily<Module>(load: () => Module): () => Module {
  let loaded: Module | undefined;
  return () => (loaded ??= load());
}
