import { expect, test } from "vitest";
import { toStoreError } from "../../src/object-store/process/store-failure.ts";

test.each([
  ["NotFound (permanent) at stat, context: { service: memory } => memory doesn't have this path", "not-found"],
  ["Unexpected (temporary) at stat => not a directory, source: Not a directory (os error 20)", "not-found"],
  ["Unexpected (temporary) at stat, source: File name too long (os error 36)", "not-found"],
  ["PermissionDenied (permanent) at stat, context: { status: 403 }", "forbidden"],
  ["ConditionNotMatch (permanent) at read", "changed"],
  ["Unsupported (permanent) at list", "unsupported"],
  ["Unexpected (temporary) at stat => send http request, source: connection refused", "failed"],
  ["whatever comes next", "failed"],
])(`OpenDAL's error %s is the failure "%s"`, (message, kind) => {
  expect(toStoreError(new Error(message))).toMatchObject({ name: "StoreError", kind, message });
});
