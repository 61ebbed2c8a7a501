import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { cliArguments } from "../../helpers/cli.ts";
import { isClientAbsent, venvProgram } from "../../helpers/jumpstarter/venvs.ts";

const LONG_MS = 900_000;

/** Those of the tests in upstream's packages that are about the clients of storage and Tftp. */
const CHOSEN =
  "test_driver_opendal or OpendalClient or OpendalFile or test_tftp_file_operations or test_write_from_path_http";

/** Each of so many starts an exporter of ours. */
const SERVED = 20;

test.skipIf(isClientAbsent("0.9.0"))(
  "Jumpstarter 0.9.0's own tests of its opendal and tftp clients, unchanged, pass against our exporter",
  async () => {
    expect(await runTests("0.9.0")).toBeGreaterThanOrEqual(SERVED);
  },
  LONG_MS,
);

test.skipIf(isClientAbsent("0.7.4"))(
  "those of Jumpstarter 0.7.4 pass, too",
  async () => {
    expect(await runTests("0.7.4")).toBeGreaterThanOrEqual(SERVED);
  },
  LONG_MS,
);

/** Resolves with how many of them our exporter has served. */
async function runTests(version: string): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), "upstream-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const packages = ["opendal.client", "opendal.driver_test", "tftp.driver_test"];
  const args = ["-m", "pytest", "-p", "serve_ours", "-p", "no:cacheprovider", "--doctest-modules", "-k", CHOSEN];
  const env = {
    ...process.env,
    PYTHONPATH: import.meta.dirname,
    PYTHONDONTWRITEBYTECODE: "1",
    // Else the doctests meet a progress bar.
    TERM: "dumb",
    EXPORT: JSON.stringify([process.execPath, ...cliArguments]),
  };
  const modules = packages.map((name) => `jumpstarter_driver_${name}`);
  const program = venvProgram(version, "python");
  const child = spawn(program, [...args, "--pyargs", ...modules], { env, cwd: directory });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (output += String(text)));
  const [code] = (await once(child, "close")) as [number | null];
  expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
  return Number(/served by our exporter: (\d+)/.exec(output)?.[1]);
}
