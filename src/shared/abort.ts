import { TftpError } from "../contract/errors.ts";

/** The ABORTED error of a call whose signal fired; the signal's reason is its cause. */
export function aborted(what: string, signal: AbortSignal | undefined): TftpError {
  return new TftpError("ABORTED", `${what} was aborted`, { cause: signal?.reason });
}

/** Calls back when the signal fires, or has fired already. Returns how to stop listening. */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (!signal) return () => {};
  if (signal.aborted) callback();
  else signal.addEventListener("abort", callback, { once: true });
  return () => signal.removeEventListener("abort", callback);
}

/** The promise's outcome, unless the signal fires first. The promise itself goes on. */
export function unlessAborted<Value>(
  promise: Promise<Value>,
  what: string,
  signal: AbortSignal | undefined,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const unlisten = onAbort(signal, () => reject(aborted(what, signal)));
    void promise.then(resolve, reject).finally(unlisten);
  });
}
