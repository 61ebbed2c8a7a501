import { beforeAll, describe, expect, test } from "vitest";
import { agent, isOffline, Project, tarball } from "./project.ts";

describe.skipIf(isOffline)("on a runtime that is not Node it serves by dgram, and a warning says why", () => {
  let project: Project;
  beforeAll(async () => {
    project = new Project({ "agent.mjs": agent() });
    await project.run("npm", ["install", "--no-audit", "--no-fund", tarball, "deno@2", "bun@1"]);
  });

  test.each([
    ["deno", ["deno", "run", ..."net read write env sys".split(" ").map((each) => `--allow-${each}`)]],
    ["bun", ["bun"]],
  ])("%s", async (name, command) => {
    const output = await project.run("npx", [...command, "agent.mjs"]);
    expect(output.split("\n")).toEqual([
      expect.stringMatching(`^warning: .*it is for Node.js, this is ${name} .*datagrams go through dgram$`),
      "served",
      "",
    ]);
  });
});
