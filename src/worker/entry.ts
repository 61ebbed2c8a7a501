import { parentPort, workerData } from "node:worker_threads";
import * as comlink from "comlink";
import nodeEndpoint from "comlink/dist/umd/node-adapter.js";
import { toError, toErrorInfo, type ErrorInfo } from "../contract/errors.ts";
import type { MainApi, ServerApi, WorkerData } from "../contract/server-api.ts";
import { answerHeartbeat } from "./server/heartbeat.ts";
import { Service } from "./server/service.ts";

if (!parentPort) throw new Error("this module is the entry of a worker thread");
const endpoint = nodeEndpoint(parentPort);
const main = comlink.wrap<MainApi>(endpoint);
const service = new Service();

const api: ServerApi = {
  start: async (config, firstTransferId) =>
    await withPlainErrors(() =>
      service.start(config, {
        firstTransferId,
        deliver: (...batch) => main.onEvents(...batch),
        askHandler: (...asked) => main.provideFile(...asked),
        storeSocketPath: () => main.openStore().catch(rethrow),
      }),
    ),
  stop: async (graceMs) => await withPlainErrors(() => service.stop(graceMs)),
  getHost: async () => await withPlainErrors(() => service.getHost()),
  getPort: async () => await withPlainErrors(() => service.getPort()),
  snapshot: async () => await withPlainErrors(() => service.snapshot()),
  addVirtualFile: async (rule) => await withPlainErrors(() => service.virtualRules.add(rule)),
  removeVirtualFile: async (id) => await withPlainErrors(() => service.virtualRules.remove(id)),
  reconfigure: async (limits) => await withPlainErrors(() => service.reconfigure(limits)),
  openProbe: async (name, content) => await withPlainErrors(() => service.openProbe(name, content)),
  closeProbe: async (name) => await withPlainErrors(() => service.closeProbe(name)),
};

/** Errors cross as plain data: structured clone keeps neither their class nor their code. */
async function withPlainErrors<Value>(work: () => Value | Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw toErrorInfo(error);
  }
}

/** What main rejects with is plain data, too. */
function rethrow(wire: unknown): never {
  throw wire instanceof Error ? wire : toError(wire as ErrorInfo);
}

answerHeartbeat((workerData as WorkerData).heartbeat);
comlink.expose(api, endpoint);
