import type { LoadResult } from "../load.ts";
import type { Outcome } from "../rounds.ts";
import type { Sample } from "../sample.ts";
import type { Server } from "../server.ts";
import type { NetworkRow } from "./rows.ts";
import type { NetworkStage } from "./stage.ts";

/** Runs a row with as many seeds as there are rounds. The servers take turns, each with the same seeds. */
export async function measureRow(
  stage: NetworkStage,
  row: NetworkRow,
  rounds: number,
  progress: (line: string) => void,
): Promise<readonly Outcome[]> {
  const able = stage.servers.filter(({ contender }) => contender.windows || row.work.windowSize === undefined);
  const samples = new Map(able.map((server) => [server, [] as Sample[]]));
  const failures = new Map<Server, string>();
  for (let seed = 1; seed <= rounds; seed++) {
    for (const [server, taken] of samples) {
      if (failures.has(server)) continue;
      // The median is known to be endless: more runs would only take time.
      if (taken.filter(({ seconds }) => seconds === Infinity).length > rounds / 2) continue;
      progress(`${row.id} · seed ${seed} of ${rounds} · ${server.contender.id}`);
      const result = await stage.run(row, server, seed);
      if (!server.running) failures.set(server, "the server died");
      else if (result.wrong > 0) failures.set(server, "wrong bytes");
      else taken.push(sampleOf(result));
    }
  }
  return able.map((server) => {
    const { contender } = server;
    const failure = failures.get(server);
    const taken = samples.get(server) ?? [];
    return failure === undefined
      ? { work: row.work, contender, samples: taken }
      : { work: row.work, contender, samples: [], failure };
  });
}

function sampleOf(result: LoadResult): Sample {
  return {
    bytes: result.bytes,
    transfers: result.done,
    seconds: result.done === 1 ? result.seconds : Infinity,
    serverSeconds: NaN,
    clientSeconds: result.cpuSeconds,
    memory: NaN,
    disturbance: 0,
    timeouts: result.timeouts,
    windowSize: result.windowSize,
  };
}
