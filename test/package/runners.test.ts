import { beforeAll, describe, expect, test } from "vitest";
import { isOffline, Project, tarball } from "./project.ts";

const steps = `
  import { mkdtempSync, readFileSync, rmSync } from "node:fs";
  import { tmpdir } from "node:os";
  import { Tftp, TftpError } from "tftp-driver";

  /** What docs/testing.md says was tried. */
  export async function steps() {
    const rootDir = mkdtempSync(tmpdir() + "/tftp-runner-");
    const tftp = new Tftp({ host: "127.0.0.1", port: 0, rootDir, journal: false });
    const warnings = [];
    tftp.on("warning", ({ message }) => warnings.push(message));
    try {
      const { port } = await tftp.start();
      await tftp.storage.write("image", new Uint8Array(Buffer.from("content")));
      const error = await tftp.storage.write("../image", "content").catch((thrown) => thrown);
      await tftp.probe({ timeoutMs: 60_000 });
      return {
        port: port > 0,
        written: readFileSync(rootDir + "/image", "utf8"),
        error: [error instanceof TftpError, error instanceof Error, error.code],
        warnings,
      };
    } finally {
      await tftp.close();
      rmSync(rootDir, { recursive: true, force: true });
    }
  }
  export const expected = {
    port: true,
    written: "content",
    error: [true, true, "PATH_OUTSIDE_ROOT"],
    warnings: [],
  };
`;

const files = {
  "steps.mjs": steps,
  "node.test.mjs": `
    import assert from "node:assert";
    import { test } from "node:test";
    import { expected, steps } from "./steps.mjs";
    test("the driver works", async () => assert.deepStrictEqual(await steps(), expected));
  `,
  "vitest.test.mjs": `
    import { expect, test } from "vitest";
    import { expected, steps } from "./steps.mjs";
    test("the driver works", async () => expect(await steps()).toEqual(expected));
  `,
  "jest.test.mjs": `
    import { expected, steps } from "./steps.mjs";
    test("the driver works", async () => expect(await steps()).toEqual(expected));
  `,
  "jest.test.cjs": `
    test("the driver works", async () => {
      const { expected, steps } = await import("./steps.mjs");
      expect(await steps()).toEqual(expected);
    });
  `,
  "jest.config.json":
    '{ "testEnvironment": "node", "testTimeout": 90000, "transform": {}, "testMatch": ["**/jest.test.*js"] }',
};

describe.skipIf(isOffline)("in a test runner the driver starts, stores, fails, serves and closes", () => {
  let project: Project;
  beforeAll(async () => {
    project = new Project(files);
    await project.run("npm", ["install", "--no-audit", "--no-fund", tarball, "jest@30", "vitest@4"]);
  });

  test("node:test", async () => {
    expect(await project.run("node", ["--test", "node.test.mjs"])).toMatch(/^. pass 1$/m);
  });

  test.each(["forks", "threads", "vmForks", "vmThreads"])("vitest, pool %s", async (pool) => {
    const args = ["vitest", "run", "vitest.test.mjs", "--pool", pool, "--test-timeout", "90000"];
    expect(await project.run("npx", args, { NO_COLOR: "1", FORCE_COLOR: "" })).toMatch(/Tests +1 passed/);
  });

  test.each(["mjs", "cjs"])("Jest, a test file of type %s", async (type) => {
    const jest = ["--experimental-vm-modules", "node_modules/jest/bin/jest.js", `jest.test.${type}`];
    expect(await project.run("node", jest)).toMatch(/^Tests: +1 passed, 1 total$/m);
  });
});
