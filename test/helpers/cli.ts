import { NodeProgram, type ProgramOptions, sourceArguments } from "./node-program.ts";

/** Node's arguments for the command line tool, in front of its own. */
export const cliArguments: readonly string[] = sourceArguments("cli/main");

/** The command line tool in a process of its own, killed when the test is over. */
export class Cli extends NodeProgram {
  constructor(args: readonly string[], options?: ProgramOptions) {
    super([...cliArguments, ...args], options);
  }
}
