import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Child, Namespace } from "./namespace.ts";

export interface GetOptions {
  readonly host: string;
  /** Default 69. */
  readonly port?: number;
  readonly file: string;
  /** Asked for, if given. */
  readonly blockSize?: number;
  readonly windowSize?: number;
  /** Seconds: the server does not send again before. */
  readonly timeout?: number;
  /** After so long a silence it acknowledges, or asks, again. Default 1000. */
  readonly silenceMs?: number;
  /** Silences in a row until it gives up. Default 6. */
  readonly retries?: number;
  /** Default 15000. */
  readonly maxMs?: number;
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly broadcast?: boolean;
  /** Takes answers from the address that it asked only, as a connected socket does. */
  readonly strict?: boolean;
  /** Falls silent instead of the ACK that this block, or a later one, would get. */
  readonly pauseAt?: number;
}

/** How a transfer went, as the client saw it. */
export interface GetResult {
  /** Why it has not got the file; absent: it has. */
  readonly error?: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Where the answers came from. */
  readonly from?: string;
  /** Other addresses that sent something. */
  readonly strangers: readonly string[];
  readonly timeouts: number;
  /** Blocks that had come before. */
  readonly duplicates: number;
  readonly longestGapMs: number;
  readonly ms: number;
  readonly blockSize: number;
  readonly windowSize: number;
}

/** A transfer that runs in a namespace (client-process.mjs). */
export class NetworkClient {
  readonly #child: Child;
  readonly #lines: AsyncIterator<string>;
  #stderr = "";

  constructor(at: Namespace, options: GetOptions) {
    const script = join(import.meta.dirname, "client-process.mjs");
    this.#child = at.spawn(process.execPath, script, JSON.stringify({ port: 69, ...options }));
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => (this.#stderr += text));
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Resolves when it has fallen silent (`pauseAt`), with the last block that it has. */
  async paused(): Promise<number> {
    const { paused } = await this.#line<{ paused: number }>();
    if (paused === undefined) throw new Error("the client ended before it paused");
    return paused;
  }

  /** Sends the ACK that it had held back, and goes on. */
  proceed(): void {
    this.#child.stdin.write("\n");
  }

  /** Ends it in mid-transfer: the kernel closes its port, and answers for it from then on. */
  vanish(): void {
    this.#child.kill("SIGKILL");
  }

  async result(): Promise<GetResult> {
    return this.#line<GetResult>();
  }

  async #line<Line>(): Promise<Partial<Line> & Line> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`the client ended without a result: ${this.#stderr}`);
    return JSON.parse(value) as Line;
  }
}

/** One transfer to its end. */
export async function get(at: Namespace, options: GetOptions): Promise<GetResult> {
  return new NetworkClient(at, options).result();
}
