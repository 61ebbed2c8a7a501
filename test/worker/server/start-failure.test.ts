import { expect, test } from "vitest";
import { bindFailure } from "../../../src/worker/server/start-failure.ts";

const invalid = Object.assign(new Error("bind EINVAL"), { code: "EINVAL" });

test("the start error for a link-local address without a zone says so", () => {
  const failure = bindFailure(invalid, { address: "fe80::1", port: 69 });
  expect(failure.code).toBe("ADDRESS_NOT_AVAILABLE");
  expect(failure.message).toMatch(/^fe80::1 is a link-local address without its zone: expected fe80::1%INTERFACE \(/);
});

test("the start error for an unknown zone names it", () => {
  const failure = bindFailure(invalid, { address: "fe80::1%absent", port: 69 });
  expect(failure.code).toBe("ADDRESS_NOT_AVAILABLE");
  expect(failure.message).toMatch(/^fe80::1%absent has an unknown zone: expected .*, got "absent"$/);
});

test("the start error for any other address says that it is none of this machine's", () => {
  expect(bindFailure(invalid, { address: "192.0.2.1", port: 69 }).message).toBe(
    "192.0.2.1 is no address of this machine",
  );
});
