import { lazily } from "../lazy-builtins.ts";

/** Loaded by the first map file: Node has other things to load at the start. */
const timedCall = lazily(() => {
  const vm = process.getBuiltinModule("node:vm");
  const sandbox: { work: () => void } = { work: () => {} };
  const context = vm.createContext(sandbox);
  const script = new vm.Script("work()");
  return (work: () => void, timeout: number): void => {
    sandbox.work = work;
    script.runInContext(context, { timeout });
  };
});

/** A busy machine may set a thread aside for as long as it may run, but hardly twice in a row. */
const ATTEMPTS = 2;

/**
 * Calls `work`, and interrupts it if it takes longer, in the midst of a regular expression, too. Takes about 50 us more
 * than a plain call.
 * @param what For the error.
 * @param milliseconds By the clock, for each of two attempts.
 * @param work May be called twice.
 * @throws {Error} if it was interrupted; and what `work` throws.
 */
export function runWithin<Value>(what: string, milliseconds: number, work: () => Value): Value {
  for (let attempt = 1; ; attempt++) {
    let result: { readonly value: Value } | undefined;
    try {
      timedCall()(() => (result = { value: work() }), milliseconds);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
      if (attempt < ATTEMPTS) continue;
      throw new Error(`${what} took more than ${milliseconds} ms`, { cause: error });
    }
    return result!.value;
  }
}
