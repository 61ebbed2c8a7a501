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

/**
 * Calls it, and interrupts it if it takes longer, in the midst of a regular expression, too. Takes about 50 us more.
 * @param what For the error.
 * @param milliseconds By the clock: a machine that is too busy may take them, too.
 * @throws {Error} if it was interrupted; and what `work` throws.
 */
export function runWithin<Value>(what: string, milliseconds: number, work: () => Value): Value {
  let result: { readonly value: Value } | undefined;
  try {
    timedCall()(() => (result = { value: work() }), milliseconds);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    throw new Error(`${what} took more than ${milliseconds} ms`, { cause: error });
  }
  return result!.value;
}
