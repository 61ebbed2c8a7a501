import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { cliArguments } from "./cli.ts";

/** The command line tool on a real terminal: a pane of a tmux server of its own, killed with the test. */
export class TmuxPane {
  readonly #directory = mkdtempSync(join(tmpdir(), "tftp-tmux-"));

  /** @param env is set for the tool, besides what tmux sets. */
  constructor(args: readonly string[], columns: number, rows: number, env: Record<string, string> = {}) {
    onTestFinished(() => this.#close());
    const settings = Object.entries({ LANG: "C.UTF-8", LC_ALL: "C.UTF-8", NO_COLOR: "", ...env });
    const command = [process.execPath, ...cliArguments, ...args].map(quote).join(" ");
    // Ctrl-C is for the tool; the shell only hears it.
    const script = `trap : INT; echo before; env ${settings.map(([name, value]) => quote(`${name}=${value}`)).join(" ")} ${command}`;
    const size = ["-x", `${columns}`, "-y", `${rows}`];
    this.#tmux(
      "-f",
      "/dev/null",
      "-u",
      "new-session",
      "-d",
      ...size,
      "sh",
      "-c",
      `${script}; echo "code $?"; exec sleep 600`,
    );
    this.resize(columns, rows);
  }

  /** What stands on the screen, line by line, without what follows the last character of each. */
  get lines(): string[] {
    return this.#tmux("capture-pane", "-p").trimEnd().split("\n");
  }

  /** The same as one text, with colors as escape sequences. */
  get colored(): string {
    return this.#tmux("capture-pane", "-p", "-e");
  }

  /** Alternate screen, cursor, wrapping: each "1" where it is on. */
  get modes(): string {
    return this.#tmux("display-message", "-p", "#{alternate_on}#{cursor_flag}#{wrap_flag}").trim();
  }

  resize(columns: number, rows: number): void {
    this.#tmux("resize-window", "-x", `${columns}`, "-y", `${rows}`);
  }

  /** As tmux names keys: "C-c". */
  press(...keys: readonly string[]): void {
    this.#tmux("send-keys", ...keys);
  }

  /** As the shell's `fg` does. */
  resume(): void {
    const shell = this.#tmux("display-message", "-p", "#{pane_pid}").trim();
    const [child = ""] = readFileSync(`/proc/${shell}/task/${shell}/children`, "utf8").split(" ");
    process.kill(Number(child), "SIGCONT");
  }

  #tmux(...args: readonly string[]): string {
    const socket = join(this.#directory, "socket");
    const { TMUX: _, ...env } = process.env;
    return execFileSync("tmux", ["-S", socket, ...args], { encoding: "utf8", env: { ...env, LC_ALL: "C.UTF-8" } });
  }

  #close(): void {
    try {
      this.#tmux("kill-server");
    } catch {
      // It never came up; the test has failed by that already.
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
