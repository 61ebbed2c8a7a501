import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { Contender } from "./contenders.ts";
import { type Target, runLoad } from "./load.ts";
import type { Work } from "./work.ts";

const STARTING = 10_000;
const STOPPING = 3_000;
/** Asked for until it is served: so every server says that it is ready in the same way. */
const probe: Work = { id: "probe", fileKiB: 16, blockSize: 1_468, clients: 1, transfers: 1, seconds: 0.2 };

const started = new Set<ChildProcess>();

/** Ends every server that still runs, at once: for when the bench itself is ended. */
export function killServers(): void {
  for (const child of started) child.kill("SIGKILL");
}

/** A contender's process. */
export interface Server extends Target {
  readonly contender: Contender;
  readonly pid: number;
  readonly running: boolean;
  stop(): Promise<void>;
}

/** What the command lines of the server and of its clients begin with: two machines of their own (ip-netns(8)). */
export interface Places {
  readonly server: readonly string[];
  readonly client: readonly string[];
}

const here: Places = { server: [], client: [] };

/** Starts it on these processors, and resolves when it serves. */
export async function startServer(
  contender: Contender,
  directory: string,
  processors: readonly number[],
  load: string,
  places: Places = here,
): Promise<Server> {
  const { host } = contender;
  const port = contender.port || (await freePort());
  const command = contender.command(host, port, directory);
  const [first = "", ...rest] = [...places.server, "taskset", "-c", processors.join(), ...command];
  const child = spawn(first, rest, {
    // The peers tell a line for each client that leaves; ours has nothing to say as long as all is well.
    stdio: ["ignore", "ignore", contender.role === "ours" ? "inherit" : "ignore"],
  });
  started.add(child);
  child.once("exit", () => started.delete(child));
  const server: Server = {
    contender,
    host,
    port,
    pid: child.pid ?? 0,
    get running() {
      return isRunning(child);
    },
    stop: () => end(child),
  };
  const deadline = Date.now() + STARTING;
  while (Date.now() < deadline && server.running) {
    const { done } = await runLoad(load, probe, directory, server, processors, places.client);
    if (done === 1) return server;
  }
  await server.stop();
  throw new Error(`${contender.id} did not start: ${command.join(" ")}`);
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

async function end(child: ChildProcess): Promise<void> {
  if (!isRunning(child)) return;
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  const stopped = await Promise.race([exit, delay(STOPPING, undefined, { ref: false })]);
  if (stopped) return;
  child.kill("SIGKILL");
  await exit;
}

async function freePort(): Promise<number> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  return port;
}
