import { type ChildProcessByStdio, spawn } from "node:child_process";
import { stat } from "node:fs/promises";
import { extname } from "node:path";
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { printableText } from "../../contract/text/printable-text.ts";
import { formatDuration } from "../../status/text/format.ts";
import type { ResolvedHook } from "./hook-options.ts";

/** From SIGTERM to SIGKILL. */
const KILL_DELAY_MS = 5_000;
/** How long output is read after the script's end: a program that it leaves behind may hold the pipe open. */
const OUTPUT_DELAY_MS = 500;
/** A longer line comes in pieces. In characters. */
const MAX_LINE = 4_096;

type Script = ChildProcessByStdio<null, Readable, Readable>;

/**
 * Runs a hook's script in a process group of its own, and calls back with each line of its output that is not empty.
 * Resolves with what went wrong, in words; undefined if its exit code is 0. Never rejects.
 */
export async function runScript(
  hook: ResolvedHook,
  env: NodeJS.ProcessEnv,
  onLine: (line: string) => void,
): Promise<string | undefined> {
  const [program, args] = await commandOf(hook);
  let child: Script;
  try {
    child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  } catch (error) {
    return `it cannot be run: ${(error as Error).message}`;
  }
  const stop = killedAfter(child, hook.timeoutMs);
  const read = [child.stdout, child.stderr].map((stream) => readLines(stream, onLine));
  const failure = await ended(child);
  const isLate = stop();
  await Promise.race([Promise.all(read), unheldPause(OUTPUT_DELAY_MS)]);
  child.stdout.destroy();
  child.stderr.destroy();
  return isLate ? `it took longer than ${formatDuration(hook.timeoutMs)}` : failure;
}

/** As upstream: one line that names a file is that file, everything else is the text of a script. */
async function commandOf({ script, exec }: ResolvedHook): Promise<[string, string[]]> {
  const path = script.trim();
  const isFile = !path.includes("\n") && (await stat(path).catch(() => undefined))?.isFile() === true;
  if (!isFile) return [exec ?? "/bin/sh", ["-c", script]];
  return [exec ?? (extname(path).toLowerCase() === ".py" ? "python3" : "/bin/sh"), [path]];
}

function ended(child: Script): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(`it cannot be run: ${error.message}`));
    child.once("exit", (code, signal) => {
      if (code === 0) resolve(undefined);
      else resolve(code === null ? `it was ended by ${signal}` : `its exit code was ${code}`);
    });
  });
}

/** Ends the whole group after the time, and with this process. Returns how to stop that, which says if it was late. */
function killedAfter(child: Script, timeoutMs: number): () => boolean {
  let isLate = false;
  const kill = (signal: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // It has ended meanwhile.
    }
  };
  const killNow = (): void => kill("SIGKILL");
  process.once("exit", killNow);
  let timer = setTimeout(() => {
    isLate = true;
    kill("SIGTERM");
    timer = setTimeout(killNow, KILL_DELAY_MS);
  }, timeoutMs);
  return () => {
    clearTimeout(timer);
    process.off("exit", killNow);
    // What ignored SIGTERM within a group whose first process obeyed it.
    if (isLate) killNow();
    return isLate;
  };
}

async function readLines(stream: Readable, onLine: (line: string) => void): Promise<void> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  const emit = (line: string): void => {
    const text = printableText(line.trimEnd());
    if (text !== "") onLine(text);
  };
  try {
    for await (const chunk of stream) {
      const lines = (rest + decoder.write(chunk as Buffer)).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach(emit);
      for (; rest.length > MAX_LINE; rest = rest.slice(MAX_LINE)) emit(rest.slice(0, MAX_LINE));
    }
  } catch {
    // It was destroyed: what it would still say is not waited for.
  }
  emit(rest + decoder.end());
}

function unheldPause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms).unref());
}
