import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { expect, test } from "vitest";
import { agent, isOffline, Project, tarball } from "./project.ts";

const KB = 1_000;

test("the package is under 230 kB, and holds what runs in a few files, its types, and a few pages", () => {
  expect(statSync(tarball).size).toBeLessThan(230 * KB);
  const names = execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" }).trim().split("\n");
  const others = names.filter((name) => !/^package\/(?:dist|examples|man)\//.test(name)).sort();
  const pages = ["LICENSE", "README.md", "SECURITY.md", "package.json", "schema.json"];
  expect(others).toEqual(pages.map((name) => `package/${name}`));
  expect(names.filter((name) => name.endsWith(".js")).length).toBeLessThan(20);
  expect(names.length).toBeLessThan(60);
});

test("no dependency has a script that runs when it is installed", () => {
  const root = new URL("../../", import.meta.url);
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as {
    dependencies: object;
    optionalDependencies: Record<string, string>;
  };
  const { packages } = JSON.parse(readFileSync(new URL("package-lock.json", root), "utf8")) as {
    packages: Record<string, { hasInstallScript?: boolean }>;
  };
  const names = Object.keys({ ...dependencies, ...optionalDependencies });
  expect(names.filter((name) => packages[`node_modules/${name}`]?.hasInstallScript)).toEqual([]);
  expect(Object.values(optionalDependencies).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

test.skipIf(isOffline)(
  "npm installs it, and it serves as a module, by require(), and from the command line",
  async () => {
    const project = new Project({
      "agent.mjs": agent(),
      "agent.cjs": agent("{}", 'const { Tftp } = require("tftp-driver");'),
    });
    await project.run("npm", ["install", "--no-audit", "--no-fund", tarball]);
    expect(await project.run("node", ["agent.mjs"])).toBe("served\n");
    // On Node 20 and 22, a warning that require() of a module is an experiment.
    expect(await project.run("node", ["agent.cjs"])).toContain("served\n");
    expect(await project.run("npx", ["tftp-driver", "--version"])).toMatch(/^\d+\.\d+\.\d+\n/);
    // What needs an optional package says so.
    await expect(project.run("npx", ["tftp-driver", "export", "exporter.yaml"])).rejects.toThrow(
      "tftp-driver: export needs the package @grpc/grpc-js: npm install @grpc/grpc-js\n",
    );
  },
);

test.skipIf(isOffline)("the import loads neither npm tftp nor koffi, nor crypto, which few programs need", async () => {
  const project = new Project({
    "import.mjs": `
      import { createRequire, Module } from "node:module";
      await import("tftp-driver");
      console.log(Object.keys(createRequire(import.meta.url).cache).filter((path) => /koffi|node_modules.tftp./.test(path)));
      console.log(process.moduleLoadList.includes("NativeModule crypto"));
    `,
  });
  await project.run("npm", ["install", "--no-audit", "--no-fund", tarball]);
  expect(await project.run("node", ["import.mjs"])).toBe("[]\nfalse\n");
});

test.skipIf(isOffline)("pnpm adds it with exit code 0, and it serves", async () => {
  const project = new Project({ "agent.mjs": agent() });
  await project.run("npx", ["-y", "pnpm@10", "add", tarball]);
  expect(await project.run("node", ["agent.mjs"])).toBe("served\n");
});

test.skipIf(isOffline)("Yarn's Plug'n'Play adds it, and it serves and writes", async () => {
  const project = new Project({ "agent.mjs": agent(), "yarn.lock": "", ".yarnrc.yml": "enableGlobalCache: false\n" });
  const yarn = ["-y", "-p", "@yarnpkg/cli-dist@4", "yarn"];
  await project.run("npx", [...yarn, "add", `tftp-driver@file:${tarball}`], { YARN_ENABLE_IMMUTABLE_INSTALLS: "0" });
  expect(await project.run("npx", [...yarn, "node", "agent.mjs"])).toBe("served\n");
});
