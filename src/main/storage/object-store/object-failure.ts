import { TftpError, type TftpErrorCode } from "../../../contract/errors.ts";
import { StoreError, type StoreErrorKind } from "../../../object-store/client/store-api.ts";
import { attempt as attemptAs } from "../failure.ts";

/** The TftpError code for each kind of refusal by the store. */
const meanings: Readonly<Record<StoreErrorKind, TftpErrorCode>> = {
  "not-found": "NOT_FOUND",
  forbidden: "FORBIDDEN",
  unsupported: "FORBIDDEN",
  changed: "STORAGE_FAILED",
  disconnected: "SOURCE_UNAVAILABLE",
  failed: "SOURCE_UNAVAILABLE",
};

/** Does the work; what fails in it becomes a TftpError that names the path. */
export function attempt<Value>(path: string, work: () => Promise<Value>): Promise<Value> {
  return attemptAs(path, work, toStoreFailure);
}

function toStoreFailure(error: unknown, path: string): TftpError {
  if (error instanceof TftpError) return error;
  const code = error instanceof StoreError ? meanings[error.kind] : "STORAGE_FAILED";
  return new TftpError(code, `${path || "the root"}: ${(error as Error).message}`, { cause: error });
}

/** The promise's value, or undefined if there is nothing. */
export async function unlessMissing<Value>(promise: Promise<Value>): Promise<Value | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof StoreError && error.kind === "not-found") return undefined;
    throw error;
  }
}

export function forbidden(path: string, why: string): TftpError {
  return new TftpError("FORBIDDEN", `${path}: ${why}`);
}

export function missing(path: string): TftpError {
  return new TftpError("NOT_FOUND", `${path}: there is no such file or directory`);
}
