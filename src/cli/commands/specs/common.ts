import type { OptionSpec } from "../option-spec.ts";

/** Every command has these. */
export const common: readonly OptionSpec[] = [
  { name: "help", short: "h", summary: "print this help and exit" },
  { name: "version", short: "v", summary: "print the version and exit" },
];
