import { type ChildProcess, fork } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export type Kind = "ours" | "npm-tftp";

/** How late an event loop was, in ms. */
export interface Delay {
  readonly p50: number;
  readonly p99: number;
}

/** An agent's process with a server in it (subject.mjs). */
export class Subject {
  readonly port: number;
  readonly #child: ChildProcess;

  static async start(kind: Kind, directory: string, preload?: string): Promise<Subject> {
    const port = await freePort();
    const env = preload === undefined ? process.env : { ...process.env, NODE_OPTIONS: `--import=${preload}` };
    const child = fork(pathOf("subject.mjs"), [kind, `${port}`, directory], { env, execArgv: [] });
    await once(child, "message");
    return new Subject(child, port);
  }

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  async spin(ms: number): Promise<void> {
    await this.#order("spin", ms);
  }

  async watch(ms: number): Promise<Delay> {
    return (await this.#order("watch", ms)) as Delay;
  }

  async crash(): Promise<number> {
    return (await this.#order("crash", 0)) as number;
  }

  async stop(): Promise<void> {
    const exit = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exit;
  }

  async #order(order: string, ms: number): Promise<unknown> {
    this.#child.send({ order, ms });
    const [{ done }] = (await once(this.#child, "message")) as [{ done: unknown }];
    return done;
  }
}

export function pathOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

async function freePort(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  return port;
}
