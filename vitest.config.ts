import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/setup/compile-sources.ts"],
    // Errors of types in them are failures like any other.
    typecheck: { enabled: true, include: ["test/types/**/*.test-d.ts"], ignoreSourceErrors: true },
    // A process for each file: some tests count the handles of their process, or lower its limits.
    pool: "forks",
    // Socket tests mostly wait; more of them than there are cores can do so at once.
    maxWorkers: 4,
    // Ample for a busy machine: no test is to fail by a clock. What a test asserts about time, it asserts itself.
    testTimeout: 90_000,
    hookTimeout: 90_000,
    expect: { poll: { timeout: 60_000, interval: 20 } },
    // A test that fails once has failed.
    retry: 0,
  },
});
