/** @throws {Error} what does not hold. */
export function assert(holds: boolean, fact: string): void {
  if (!holds) throw new Error(`broken: ${fact}`);
}
