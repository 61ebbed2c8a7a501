import type { CommandSpec } from "../option-spec.ts";
import { common } from "./common.ts";

/** The shells that it writes a script for. */
const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

export const completion: CommandSpec = {
  name: "completion",
  usage: "bash | zsh | fish",
  summary: "print a script that completes commands and options in a shell",
  description: "Prints a script for the shell, which completes commands, options and files.",
  completes: shells,
  options: common,
  examples: [
    "source <(tftp-driver completion bash)",
    "tftp-driver completion zsh > ~/.zfunc/_tftp-driver",
    "tftp-driver completion fish > ~/.config/fish/completions/tftp-driver.fish",
  ],
};

export function isShell(name: string): name is Shell {
  return (shells as readonly string[]).includes(name);
}
