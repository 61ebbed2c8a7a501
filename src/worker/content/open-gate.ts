/** More threads than that open files only if UV_THREADPOOL_SIZE says so: a gate that is wider than they are many. */
const WIDTH = Math.max(16, Number(process.env["UV_THREADPOOL_SIZE"]) || 0);

let inside = 0;
const waiting: (() => void)[] = [];

/**
 * Runs `open` while at most a few others do. A file takes two descriptors while it is found and opened: a burst of
 * requests that did so all at once would use up the descriptors, and each would fail for want of its second one.
 */
export async function throughOpenGate<Value>(open: () => Promise<Value>): Promise<Value> {
  if (inside < WIDTH) inside++;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    return await open();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else inside--;
  }
}
