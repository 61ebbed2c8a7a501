import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseCommandLine } from "../../src/cli/command-line.ts";
import { parseConfig } from "../../src/cli/serve/config/config-file.ts";
import { isAbsent } from "../helpers/client-programs.ts";

const directory = join(import.meta.dirname, "../../examples/systemd");
const unit = readFileSync(join(directory, "tftp-driver.service"), "utf8");

test.skipIf(isAbsent("systemd-analyze", ["--version"]))("systemd-analyze has nothing to say against the units", () => {
  const units = ["tftp-driver.socket", "tftp-driver.service"].map((name) => join(directory, name));
  const { status, stdout, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", ...units], {
    encoding: "utf8",
  });
  expect({ status, output: stdout + stderr }).toEqual({ status: 0, output: "" });
});

test("the unit's command line and configuration file are accepted", () => {
  const [, line = ""] = /^ExecStart=\/usr\/bin\/env tftp-driver (.*)$/m.exec(unit) ?? [];
  expect(parseCommandLine(line.split(" "))).toMatchObject({ name: "serve", config: "/etc/tftp-driver.yaml" });
  const config = readFileSync(join(directory, "tftp-driver.yaml"), "utf8");
  expect(parseConfig(config, "tftp-driver.yaml").options.rootDir).toBe("/srv/tftp");
});

test("the Dockerfile's command line is accepted, and it does not run as root", () => {
  const dockerfile = readFileSync(join(directory, "../docker/Dockerfile"), "utf8");
  const [, command = "[]"] = /^CMD (\[.*\])$/m.exec(dockerfile) ?? [];
  expect(parseCommandLine(JSON.parse(command) as string[])).toMatchObject({ name: "serve", metrics: { port: 9_169 } });
  const [, last = ""] = dockerfile.split(/^FROM /m).slice(1);
  expect(last).toMatch(/^USER node$/m);
  expect(last).toContain("http://127.0.0.1:9169/healthz");
});
