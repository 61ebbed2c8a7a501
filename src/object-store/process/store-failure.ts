import { StoreError, type StoreErrorKind } from "../client/store-api.ts";

/** OpenDAL's errors bear no code; their kind is the first word of the message. Every other kind is "failed". */
const kinds: Readonly<Record<string, StoreErrorKind>> = {
  NotFound: "not-found",
  NotADirectory: "not-found",
  PermissionDenied: "forbidden",
  ConditionNotMatch: "changed",
  Unsupported: "unsupported",
};

/** ENOTDIR and ENAMETOOLONG of the service "fs": there is no such file, and there cannot be one. */
const impossibleName = /\(os error (20|36)\)/;

/** Anything that OpenDAL threw, as this project's error. */
export function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const { message } = error as Error;
  const word = /^\w+/.exec(message)?.[0] ?? "";
  const kind = impossibleName.test(message) ? "not-found" : (kinds[word] ?? "failed");
  return new StoreError(kind, message);
}
