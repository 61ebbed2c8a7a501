/** Milliseconds on a clock that all threads share and that is never set: `performance.now()` differs in each thread. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000;
}
