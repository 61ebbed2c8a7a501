import { performance } from "node:perf_hooks";

/** Read once for each wait: all that a wait has brought has come at the same time. */
export class Clock {
  /** As it was last read. In ms, like `performance.now()`. */
  now = 0;

  read(): number {
    return (this.now = performance.now());
  }
}
