import { createRequire } from "node:module";
import { lazily } from "../shared/lazy-builtins.ts";

/** The package yaml, loaded by the first call: its many files took a third of the start of every command. */
export const yaml: () => typeof import("yaml") = lazily(
  () => createRequire(import.meta.url)("yaml") as typeof import("yaml"),
);
