import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, onTestFinished, vi } from "vitest";
import type { Counters } from "../../../src/contract/events/counters.ts";
import type { TftpEvent, TransferEndedEvent } from "../../../src/contract/events/events.ts";
import type { TftpOptions } from "../../../src/index.ts";
import { tsxArguments } from "../node-program.ts";
import type { FileTree } from "../raw-server.ts";
import type { Child, Namespace } from "./namespace.ts";

interface CountersLine {
  readonly type: "counters";
  readonly counters: Counters;
}

interface StartFailedLine {
  readonly type: "start-failed";
  readonly code: string;
  readonly message: string;
}

type Line = TftpEvent | CountersLine | StartFailedLine;

/** A driver that runs in a namespace, with a directory of its own. */
export class NetworkServer {
  readonly #options: TftpOptions;
  readonly #files: FileTree;
  readonly root: string = join(tmpdir(), `tftp-network-${randomUUID()}`);
  readonly lines: Line[] = [];
  stderr = "";
  #child: Child | undefined;

  constructor(options: TftpOptions, files: FileTree = {}) {
    this.#options = options;
    this.#files = files;
  }

  /** Resolves once it listens. @throws {Error} with the code and the message of its failure. */
  async start(at: Namespace): Promise<void> {
    mkdirSync(this.root, { recursive: true });
    for (const [name, content] of Object.entries(this.#files)) {
      mkdirSync(dirname(join(this.root, name)), { recursive: true });
      writeFileSync(join(this.root, name), content);
    }
    const options = { port: 69, rootDir: this.root, startTimeoutMs: 60_000, ...this.#options };
    const program = tsxArguments("test/helpers/network/server-process.ts");
    const child = at.spawn(process.execPath, ...program, JSON.stringify(options));
    this.#child = child;
    createInterface({ input: child.stdout }).on("line", (line) => this.lines.push(JSON.parse(line) as Line));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    await vi.waitFor(() => this.#expectStarted(), { timeout: 80_000, interval: 20 });
    const failure = this.#of("start-failed")[0];
    if (failure) throw new Error(`${failure.code}: ${failure.message}`);
  }

  async close(): Promise<void> {
    const child = this.#child;
    if (child && child.exitCode === null && child.signalCode === null) {
      child.stdin.end();
      await once(child, "exit");
    }
    rmSync(this.root, { recursive: true, force: true });
  }

  /** How the transfer of that file ended, the first one after so many lines; waits for it. */
  async endOf(file: string, since = 0, withinMs = 15_000): Promise<TransferEndedEvent> {
    return vi.waitFor(
      () => {
        const events = this.lines.slice(since).filter((line) => line.type === "transfer-ended");
        const event = events.find((candidate) => candidate.file === file);
        expect(event, `a transfer-ended event of ${file}; ${this.stderr}`).toBeDefined();
        return event as TransferEndedEvent;
      },
      { timeout: withinMs, interval: 20 },
    );
  }

  async counters(): Promise<Counters> {
    const seen = this.#of("counters").length;
    this.#child?.stdin.write("\n");
    return vi.waitFor(() => {
      const line = this.#of("counters")[seen];
      expect(line).toBeDefined();
      return (line as CountersLine).counters;
    });
  }

  #of<Type extends Line["type"]>(type: Type): Extract<Line, { type: Type }>[] {
    return this.lines.filter((line): line is Extract<Line, { type: Type }> => line.type === type);
  }

  #expectStarted(): void {
    const said = this.lines.some(({ type }) => type === "listening" || type === "start-failed");
    expect(said || this.#child?.exitCode !== null, this.stderr).toBe(true);
    if (!said) throw new Error(`the server's process ended: ${this.stderr}`);
  }
}

/** A server for the tests of one `describe`, which has opened the namespace before. */
export function sharedNetworkServer(at: () => Namespace, options: TftpOptions, files: FileTree): NetworkServer {
  const server = new NetworkServer(options, files);
  beforeAll(() => server.start(at()));
  afterAll(() => server.close());
  return server;
}

/** A server for one test. */
export async function startNetworkServer(
  at: Namespace,
  options: TftpOptions,
  files: FileTree = {},
): Promise<NetworkServer> {
  const server = new NetworkServer(options, files);
  onTestFinished(() => server.close());
  await server.start(at);
  return server;
}
