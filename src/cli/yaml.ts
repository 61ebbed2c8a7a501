import { createRequire } from "node:module";
import { lazily } from "../shared/lazy-builtins.ts";

/** The package yaml, loaded by the first call: its many files take longer to load than all else that a command needs. */
export const yaml: () => typeof import("yaml") = lazily(
  () => createRequire(import.meta.url)("yaml") as typeof import("yaml"),
);
