import type { CommandSpec } from "../option-spec.ts";
import { common } from "./common.ts";

export const help: CommandSpec = {
  name: "help",
  usage: "[COMMAND]",
  summary: "print help, of all commands or of one",
  description: "Prints help.",
  completes: ["serve", "get", "explain", "export", "shell", "completion"],
  options: common,
  examples: [],
};
