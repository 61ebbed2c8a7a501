import type { CommandSpec } from "../option-spec.ts";
import { common } from "./common.ts";

export const shell: CommandSpec = {
  name: "shell",
  usage: "FILE -- COMMAND",
  summary: "run a command that drives them by Jumpstarter's client",
  description:
    "Runs COMMAND with JUMPSTARTER_HOST set to a private socket, on which the drivers of FILE are offered. Its exit code " +
    "is that of COMMAND. Needs the npm package @grpc/grpc-js.",
  completes: "file",
  options: common,
  examples: ["tftp-driver shell board.yaml -- python boot.py"],
};
