import { StoreError, type StoreErrorKind } from "../client/store-api.ts";

/** By the first word of the message, for OpenDAL's errors have no code. Any other word is "failed". */
const kinds: Readonly<Record<string, StoreErrorKind>> = {
  NotFound: "not-found",
  NotADirectory: "not-found",
  PermissionDenied: "forbidden",
  ConditionNotMatch: "changed",
  Unsupported: "unsupported",
};

/** ENOTDIR and ENAMETOOLONG of the service "fs": there cannot be a file of that name. */
const impossibleName = /\(os error (20|36)\)/;

/** Converts anything that OpenDAL throws. */
export function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const { message } = error as Error;
  const word = /^\w+/.exec(message)?.[0] ?? "";
  const kind = impossibleName.test(message) ? "not-found" : (kinds[word] ?? "failed");
  return new StoreError(kind, message);
}
