/** Whether it is an error with one of these codes: a system error's, such as "ENOENT", or a TftpError's. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  const code = (error as { readonly code?: unknown } | null | undefined)?.code;
  return typeof code === "string" && codes.includes(code);
}

/** The promise's value, or undefined if it rejects with one of these codes. */
export async function unless<Value>(promise: Promise<Value>, ...codes: readonly string[]): Promise<Value | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (hasCode(error, ...codes)) return undefined;
    throw error;
  }
}
