import type { Contender } from "./contenders.ts";
import { type Stage, measure } from "./measure.ts";
import type { Sample } from "./sample.ts";
import { type Server, startServer } from "./server.ts";
import type { Work } from "./work.ts";

export interface Effort {
  readonly rounds: number;
  /** How often a run is tried until it is left in peace. */
  readonly attempts: number;
}

/** What one contender did at one work. */
export interface Outcome {
  readonly work: Work;
  readonly contender: Contender;
  readonly samples: readonly Sample[];
  /** Why there are no samples. */
  readonly failure?: string;
}

/** A run that left more than this part of the processor to others is done again, as often as there are attempts. */
const DISTURBED = 0.1;

/**
 * Runs the works one after another; within each the contenders by turns (A B A B), after one run each that does not
 * count, so that what a change of the machine's mood does to one of them it does to all.
 */
export async function runRounds(
  contenders: readonly Contender[],
  works: readonly Work[],
  { rounds, attempts }: Effort,
  stage: Stage,
  progress: (line: string) => void,
): Promise<readonly Outcome[]> {
  const servers: Server[] = [];
  const outcomes: Outcome[] = [];
  try {
    for (const contender of contenders) {
      servers.push(await startServer(contender, stage.directory, stage.processors, stage.load));
    }
    for (const work of works) outcomes.push(...(await runWork(servers, work, { rounds, attempts }, stage, progress)));
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
  return outcomes;
}

/** Each contender once, in a process of its own: what it takes beyond what it took when idle. */
export async function runFresh(
  contenders: readonly Contender[],
  work: Work,
  stage: Stage,
  progress: (line: string) => void,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const contender of contenders) {
    progress(`${work.id} · ${contender.id}`);
    const server = await startServer(contender, stage.directory, stage.processors, stage.load);
    outcomes.push(
      await measure(server, work, stage)
        .then((sample) => ({ work, contender, samples: [sample] }))
        .catch((error: Error) => ({ work, contender, samples: [], failure: error.message })),
    );
    await server.stop();
  }
  return outcomes;
}

async function runWork(
  servers: readonly Server[],
  work: Work,
  { rounds, attempts }: Effort,
  stage: Stage,
  progress: (line: string) => void,
): Promise<readonly Outcome[]> {
  const samples = new Map(servers.map((server) => [server, [] as Sample[]]));
  const failures = new Map<Server, string>();
  for (let round = 0; round <= rounds; round++) {
    for (const server of servers.filter((candidate) => !failures.has(candidate))) {
      progress(`${work.id} · round ${round} of ${rounds} · ${server.contender.id}`);
      try {
        const sample = await measureInQuiet(server, work, stage, round === 0 ? 1 : attempts);
        if (round > 0) samples.get(server)?.push(sample);
      } catch (error) {
        failures.set(server, (error as Error).message);
      }
    }
  }
  return servers.map((server) => {
    const failure = failures.get(server);
    const { contender } = server;
    return failure
      ? { work, contender, samples: [], failure }
      : { work, contender, samples: samples.get(server) ?? [] };
  });
}

async function measureInQuiet(server: Server, work: Work, stage: Stage, attempts: number): Promise<Sample> {
  let best = await measure(server, work, stage);
  for (let attempt = 1; attempt < attempts && best.disturbance > DISTURBED; attempt++) {
    const again = await measure(server, work, stage);
    if (again.disturbance < best.disturbance) best = again;
  }
  return best;
}
