/** Milliseconds on a clock that all threads of the process share, and that nobody sets. `performance.now()` is each thread's own. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000;
}
