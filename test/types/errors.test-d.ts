import { expectTypeOf, test } from "vitest";
import { ServerNotRunning, TftpError, type TftpErrorCode } from "../../src/index.ts";

/** Every code once. A code without an entry, or an entry without a code, is an error of types. */
const codes = {
  ADDRESS_IN_USE: 1,
  ADDRESS_NOT_AVAILABLE: 1,
  PERMISSION_DENIED: 1,
  ROOT_NOT_READABLE: 1,
  INVALID_OPTION: 1,
  START_TIMEOUT: 1,
  START_FAILED: 1,
  WORKER_CRASHED: 1,
  WORKER_HUNG: 1,
  NOT_RUNNING: 1,
  CLOSED: 1,
  ABORTED: 1,
  WAIT_TIMEOUT: 1,
  PROBE_FAILED: 1,
  PATH_OUTSIDE_ROOT: 1,
  NOT_FOUND: 1,
  FORBIDDEN: 1,
  SOURCE_UNAVAILABLE: 1,
  STORAGE_FAILED: 1,
  NOT_REMOVED: 1,
  CACHE_NOT_USABLE: 1,
  INTERNAL: 1,
} as const;

test("the codes of a TftpError are these, and no others", () => {
  expectTypeOf<keyof typeof codes>().toEqualTypeOf<TftpErrorCode>();
  expectTypeOf<TftpError["code"]>().toEqualTypeOf<TftpErrorCode>();
});

test("instanceof narrows, and ServerNotRunning is a TftpError", () => {
  const thrown: unknown = undefined;
  if (thrown instanceof TftpError) expectTypeOf(thrown.code).toEqualTypeOf<TftpErrorCode>();
  expectTypeOf<ServerNotRunning>().toExtend<TftpError>();
  expectTypeOf<TftpError>().toExtend<Error>();
});
