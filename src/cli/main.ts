#!/usr/bin/env node
import { TftpError } from "../contract/errors.ts";
import { printable } from "../status/text/format.ts";
import { flushed, neverBlock } from "./bounded-output.ts";
import { type Command, parseCommandLine } from "./command-line.ts";
import { helpText } from "./commands/help.ts";
import { completionScript } from "./completion/completion.ts";
import { explain } from "./explain/explain.ts";
import { surviveClosedPipes } from "./pipes.ts";
import { serve } from "./serve/serve.ts";
import { UsageError } from "./usage-error.ts";
import { version } from "./version.ts";

/** Exit codes: 0 success, 1 failure, 2 bad usage, 128 + N aborted by signal N. */
process.exitCode = await main(process.argv.slice(2));
async function main(args: readonly string[]): Promise<number> {
  surviveClosedPipes();
  for (const out of [process.stdout, process.stderr]) neverBlock(out);
  try {
    return await run(parseCommandLine(args, process.env));
  } catch (error) {
    process.stderr.write(`tftp-driver: ${printable((error as Error).message)}\n`);
    return isUsage(error) ? 2 : 1;
  }
}

async function run(command: Command): Promise<number> {
  if (command.name === "serve") return await serve(command).finally(() => command.check || endUnread());
  if (command.name === "get") return (await import("./get/get.ts")).get(command);
  if (command.name === "explain") return await explain(command);
  if (command.name === "export") return await (await loadExport(command.name)).runExport(command).finally(endUnread);
  if (command.name === "shell") return (await loadExport(command.name)).runShell(command);
  process.stdout.write(textOf(command));
  return 0;
}

async function loadExport(name: string): Promise<typeof import("./export/commands.ts")> {
  try {
    return await import("./export/commands.ts");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new Error(`${name} needs the package @grpc/grpc-js: npm install @grpc/grpc-js`, { cause: error });
  }
}

function textOf(
  command: Exclude<Command, { readonly name: "serve" | "get" | "explain" | "export" | "shell" }>,
): string {
  if (command.name === "completion") return completionScript(command.shell);
  return command.name === "help" ? helpText(command.topic) : `${version()}\n`;
}

/** Unread output must not keep the process of a server that has ended; what `get` and `--check` print is awaited. */
function endUnread(): void {
  setImmediate(() => {
    void Promise.all([process.stdout, process.stderr].map(flushed)).then((written) => {
      if (written.includes(false)) process.exit();
    });
  });
}

function isUsage(error: unknown): boolean {
  return error instanceof UsageError || (error instanceof TftpError && error.code === "INVALID_OPTION");
}
