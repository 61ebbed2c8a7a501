import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ExporterGround } from "../../helpers/jumpstarter/exporter-ground.ts";
import { clientVersions, isClientAbsent, venvProgram } from "../../helpers/jumpstarter/venvs.ts";

const LONG_MS = 300_000;

describe.each(clientVersions)("the Python client %s", (version) => {
  test.skipIf(isClientAbsent(version))(
    "does all that it can on a unix socket, and the exporter leaves nothing",
    async () => {
      const ground = new ExporterGround();
      const { exporter } = await ground.start();
      expect(await python(version, join(import.meta.dirname, "steps.py"), ground.socket)).toBe("all steps\n");
      await exporter.close();
      expect(ground.files()).toEqual([]);
    },
    LONG_MS,
  );
});

/** What the script prints, and its errors if it fails. */
async function python(version: string, script: string, socket: string): Promise<string> {
  const env = { ...process.env, JUMPSTARTER_HOST: socket, JMP_DRIVERS_ALLOW: "UNSAFE", TERM: "dumb" };
  const child = spawn(venvProgram(version, "python"), [script], { env, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (text: Buffer) => (stdout += text.toString()));
  child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return code === 0 ? stdout : `${stdout}${stderr}`;
}
