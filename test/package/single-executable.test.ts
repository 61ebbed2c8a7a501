import { chmodSync, copyFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { isOffline, Project, tarball } from "./project.ts";

/** Where Node's documentation says that the program goes, and the mark that says that there is one. */
const FUSE = ["--sentinel-fuse", "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2"];
const files = {
  "main.mjs": `
    import { dirname, join } from "node:path";
    import { Tftp } from "tftp-driver";
    const beside = (name) => join(dirname(process.execPath), name);
    async function main() {
      console.log("the agent begins");
      const tftp = new Tftp({
        host: "127.0.0.1",
        port: 0,
        rootDir: beside("root"),
        journal: false,
        workerUrl: beside("tftp-worker.mjs"),
        storeUrl: beside("tftp-store.mjs"),
        ...(process.argv[2] === "source" && { source: { scheme: "memory" } }),
      });
      try {
        await tftp.start();
        await tftp.probe({ timeoutMs: 60_000 });
        console.log("served");
      } catch (error) {
        console.log(error.code, error.message);
      } finally {
        await tftp.close();
      }
    }
    void main();
  `,
  "sea.json": '{ "main": "main.cjs", "output": "main.blob", "disableExperimentalSEAWarning": true }',
};

describe.skipIf(isOffline || process.platform !== "linux")("in a single executable application of Node's", () => {
  let project: Project;
  beforeAll(async () => {
    project = new Project(files);
    await project.run("npm", ["install", "--no-audit", "--no-fund", tarball, "esbuild@0.28", "postject@1.0.0-alpha.6"]);
    await project.run("npx", "esbuild main.mjs --bundle --platform=node --format=cjs --outfile=main.cjs".split(" "));
    await project.run("node", ["--experimental-sea-config", "sea.json"]);
    copyFileSync(process.execPath, project.path("agent"));
    chmodSync(project.path("agent"), 0o755);
    await project.run("npx", ["postject", "agent", "NODE_SEA_BLOB", "main.blob", ...FUSE]);
    for (const name of ["worker", "store"]) {
      copyFileSync(project.path(`node_modules/tftp-driver/dist/${name}.js`), project.path(`tftp-${name}.mjs`));
    }
  });

  test("the server serves", async () => {
    expect(await project.run(project.path("agent"), [])).toMatch(/^served$/m);
  });

  test("a source is START_FAILED, and the agent does not start itself again", async () => {
    const output = await project.run(project.path("agent"), ["source"]);
    expect(output).toMatch(/^START_FAILED .* single executable/m);
    expect(output.match(/the agent begins/g)).toHaveLength(1);
  });
});
