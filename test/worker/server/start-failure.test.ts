import { expect, test } from "vitest";
import { bindFailure } from "../../../src/worker/server/start-failure.ts";

const invalid = Object.assign(new Error("bind EINVAL"), { code: "EINVAL" });

test("a link-local address without its zone is said to be that", () => {
  const failure = bindFailure(invalid, { address: "fe80::1", port: 69 });
  expect(failure.code).toBe("ADDRESS_NOT_AVAILABLE");
  expect(failure.message).toMatch(/^fe80::1 is a link-local address without its zone: expected fe80::1%INTERFACE \(/);
});

test("an unknown zone is named", () => {
  const failure = bindFailure(invalid, { address: "fe80::1%absent", port: 69 });
  expect(failure.code).toBe("ADDRESS_NOT_AVAILABLE");
  expect(failure.message).toMatch(/^fe80::1%absent has an unknown zone: expected .*, got "absent"$/);
});

test("any other address is only said to be none of this machine's", () => {
  expect(bindFailure(invalid, { address: "192.0.2.1", port: 69 }).message).toBe(
    "192.0.2.1 is no address of this machine",
  );
});
