const nothing = (): void => {};

/**
 * Has the microtasks of this callback of the event loop run by Node's tick queue, which is JavaScript, instead of by its
 * C++. Node 20 ends the whole process ("v8::FromJust") if a thread is terminated in a microtask that C++ runs, and
 * datagrams wait at a socket of node:dgram. The watchdog terminates a thread that hangs, and V8 one that is out of memory.
 */
export function runMicrotasksByTick(): void {
  process.nextTick(nothing);
}

/** Goes on in a microtask that the tick queue runs, whatever runs the caller's: see `runMicrotasksByTick`. */
export function tick(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
