import { fork } from "node:child_process";
import { once } from "node:events";
import { setPriority } from "node:os";
import { join } from "node:path";
import { compile, runLoad } from "../load.ts";
import { type Work, fileName } from "../work.ts";
import { type Delay, type Kind, pathOf, Subject } from "./subject.ts";

/** A small part of what the server can do: the rest of the core is the clients'. */
const PACE_MIB = 8;
const SECONDS = 5;
/** Leaves the cores to the server and to the main thread where they want them. */
const NICE = 10;

/** As much as the clients can take. */
const full: Work = {
  id: "full",
  fileKiB: 10_240,
  blockSize: 1_468,
  windowSize: 16,
  clients: 16,
  transfers: 1_000_000,
  seconds: SECONDS + 1,
};

export const file: string = fileName(full);
export const fileKiB: number = full.fileKiB;

/** MiB/s of paced windowed transfers, while the main thread is idle, or spins all the time. */
export async function pacedSpeed(kind: Kind, directory: string, busy: boolean): Promise<number> {
  const subject = await Subject.start(kind, directory);
  const args = [`${subject.port}`, file, join(directory, file), `${PACE_MIB}`, `${SECONDS}`];
  const clients = fork(pathOf("paced-client.ts"), args, { execArgv: ["--import", "tsx"] });
  setPriority(clients.pid ?? 0, NICE);
  await once(clients, "message");
  const result = once(clients, "message") as Promise<[{ bytes: number; wrong: number }]>;
  const spinning = busy ? subject.spin(SECONDS * 1_000 + 500) : undefined;
  clients.send("begin");
  await spinning;
  const [{ bytes, wrong }] = await result;
  await subject.stop();
  if (wrong > 0) throw new Error(`${kind}: ${wrong} packets were wrong`);
  return bytes / SECONDS / 1_048_576;
}

/** How late the main thread's event loop is: with nothing to do, and while the server works as hard as it can. */
export async function eventLoopDelay(
  kind: Kind,
  directory: string,
): Promise<{ idle: Delay; loaded: Delay; speed: number }> {
  const load = compile(["load/main.c", "load/transfer.c"], join(directory, ".load"));
  const subject = await Subject.start(kind, directory);
  const idle = await subject.watch(SECONDS * 1_000);
  const target = { host: "127.0.0.1", port: subject.port };
  const running = runLoad(load, full, directory, target, [0, 1]);
  const loaded = await subject.watch(SECONDS * 1_000);
  const { bytes, seconds } = await running;
  await subject.stop();
  return { idle, loaded, speed: bytes / seconds / 1_048_576 };
}

/** From the death of the server's thread until its port is bound again, in ms. */
export async function recovery(directory: string): Promise<number> {
  const subject = await Subject.start("ours", directory, pathOf("crash-on-demand.mjs"));
  const ms = await subject.crash();
  await subject.stop();
  return ms;
}
