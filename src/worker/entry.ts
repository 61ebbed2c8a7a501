import { parentPort, workerData } from "node:worker_threads";
import * as comlink from "comlink";
import nodeEndpoint from "comlink/dist/umd/node-adapter.js";
import { toError, type ErrorInfo } from "../contract/errors.ts";
import { MappedMemory } from "../contract/thread/mapped-memory.ts";
import { withPlainErrors } from "../contract/thread/plain-errors.ts";
import type { MainApi, WorkerData } from "../contract/thread/server-api.ts";
import { answerHeartbeat } from "./server/heartbeat.ts";
import { Service } from "./server/service.ts";

if (!parentPort) throw new Error("this module is the entry of a worker thread");
const endpoint = nodeEndpoint(parentPort);
const main = comlink.wrap<MainApi>(endpoint);

const { heartbeat, mapped } = workerData as WorkerData;
const service = new Service({
  mapped: new MappedMemory(mapped),
  deliver: (...batch) => main.onEvents(...batch),
  askHandler: (...asked) => main.provideFile(...asked),
  storeSocketPath: () => main.openStore().catch(rethrow),
});

/** What main rejects with is plain data, too. */
function rethrow(info: unknown): never {
  throw info instanceof Error ? info : toError(info as ErrorInfo);
}

answerHeartbeat(heartbeat);
comlink.expose(withPlainErrors(service), endpoint);
