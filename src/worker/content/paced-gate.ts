import { setTimeout } from "node:timers/promises";
import { type IsWanted, OpenGate } from "./open-gate.ts";

/** For how many times as long as work has taken the gate then stays shut. */
const REST = 4;
/** Work that took less is not worth a timer. In ms. */
const LEAST_MS = 1;

/**
 * Lets dear work through, one piece at a time, for at most a fifth of the time: any client can have it done again and
 * again, and running transfers must have the rest.
 */
export class PacedGate {
  readonly #gate = new OpenGate(1);

  /** @throws {Error} if it is not wanted any more when its turn would come; and what `work` throws. */
  through<Value>(work: () => Value | Promise<Value>, isWanted?: IsWanted): Promise<Value> {
    return new Promise((resolve, reject) => {
      const inside = async (): Promise<void> => {
        const before = performance.now();
        await Promise.resolve().then(work).then(resolve, reject);
        const took = performance.now() - before;
        // The one whose turn it was has its answer; those behind it wait.
        if (took >= LEAST_MS) await setTimeout(took * REST, undefined, { ref: false });
      };
      this.#gate.through(inside, isWanted).catch(reject);
    });
  }
}
