import { rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { encodeFrame, FrameReader } from "../client/frames.ts";
import { openStore } from "./open-store.ts";
import type { StoreAnswer, StoreCall, StoreProcessConfig, StoreReport } from "../client/store-api.ts";
import { toStoreError } from "./store-failure.ts";
import { type StoreServiceDependencies, StoreService } from "./store-service.ts";

// A terminal or supervisor signals the whole group, but the parent process decides when this one ends.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});

let config: StoreProcessConfig | undefined;
const lines = createInterface({ input: process.stdin });
lines.once("line", (line) => void serve((config = JSON.parse(line) as StoreProcessConfig)));
// Standard input closes when the parent process ends.
lines.once("close", () => {
  if (config?.directory !== undefined) rmSync(config.directory, { recursive: true, force: true });
  // Not process.exit(), which runs exit handlers: something may still be under way in native code.
  process.kill(process.pid, "SIGKILL");
});

async function serve(given: StoreProcessConfig): Promise<void> {
  try {
    const dependencies = await openStore(given);
    const server = createServer((line) => attend(line, dependencies));
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(given.socket, resolve));
    report({ ready: true });
  } catch (error) {
    report({ ready: false, reason: (error as Error).message });
  }
}

function report(line: StoreReport): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function attend(line: Socket, dependencies: StoreServiceDependencies): void {
  const service = new StoreService(dependencies);
  const reader = new FrameReader((call) => void answer(line, service, call as StoreCall));
  line.on("data", (piece: Buffer) => reader.push(piece));
  line.on("error", () => {
    // The other end is gone: there is nothing to answer.
    line.destroy();
  });
}

async function answer(line: Socket, service: StoreService, call: StoreCall): Promise<void> {
  const result = await perform(service, call);
  if (line.destroyed) return;
  for (const part of encodeFrame(result)) line.write(part);
}

async function perform(service: StoreService, { id, name, args }: StoreCall): Promise<StoreAnswer> {
  try {
    const method = service[name] as (...given: readonly unknown[]) => Promise<unknown>;
    return { id, value: await method.apply(service, [...args]) };
  } catch (error) {
    const { kind, message } = toStoreError(error);
    return { id, failure: { kind, message } };
  }
}
