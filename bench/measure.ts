import { type LoadResult, runLoad, whyInvalid } from "./load.ts";
import { busySeconds, processMemory, processSeconds } from "./proc.ts";
import type { Sample } from "./sample.ts";
import type { Server } from "./server.ts";
import type { Work } from "./work.ts";

export interface Stage {
  /** The compiled client. */
  readonly load: string;
  /** Where the served files lie. */
  readonly directory: string;
  /** What servers and clients run on. */
  readonly processors: readonly number[];
}

/**
 * One run of the work against the server.
 * @throws {Error} where a byte was wrong or a transfer did not end: such a run has no figures.
 */
export async function measure(server: Server, work: Work, stage: Stage): Promise<Sample> {
  const { load, directory, processors } = stage;
  const idleMemory = processMemory(server.pid).now;
  const usedBefore = processSeconds(server.pid);
  const busyBefore = busySeconds(processors);
  const result = await runLoad(load, work, directory, server, processors);
  const busy = busySeconds(processors) - busyBefore;
  if (!server.running) throw new Error("the server died");
  const reason = whyInvalid(result, work);
  if (reason) throw new Error(reason);
  const serverSeconds = server.contender.oneProcess ? processSeconds(server.pid) - usedBefore : NaN;
  return {
    bytes: result.bytes,
    transfers: result.done,
    seconds: result.seconds,
    serverSeconds,
    clientSeconds: result.cpuSeconds,
    memory: processMemory(server.pid).peak - idleMemory,
    disturbance: disturbance(busy, serverSeconds, result),
    timeouts: result.timeouts,
    windowSize: result.windowSize,
  };
}

function disturbance(busy: number, serverSeconds: number, { cpuSeconds }: LoadResult): number {
  if (Number.isNaN(serverSeconds)) return 0;
  return busy > 0 ? Math.max(0, 1 - (serverSeconds + cpuSeconds) / busy) : 0;
}
