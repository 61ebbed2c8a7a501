import { MappedMemory, type MappedRegion } from "../../../contract/thread/mapped-memory.ts";

/** The most that one thread is given; the rest of its table is for its own. */
const HANDED_OVER = 48;

/** What threads that are gone have left mapped, over all drivers of this thread. */
const left: MappedRegion[] = [];

/** The table of a new thread: it holds what others have left, for this one to unmap if it loads what can do that. */
export function tableForThread(): MappedMemory {
  const table = new MappedMemory();
  for (const region of left.splice(0, HANDED_OVER)) table.add(region);
  return table;
}

/**
 * Takes what the thread has left. To be called when it has ended, and not before: what is in its table is unmapped by the
 * next one, and nothing may use it any more.
 */
export function takeLeft(table: MappedMemory): void {
  left.push(...table.regions);
}
