import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Cli } from "../../helpers/cli.ts";
import { makeCertificate } from "../../helpers/jumpstarter/certificate.ts";
import { ExporterGround } from "../../helpers/jumpstarter/exporter-ground.ts";
import { FakeController } from "../../helpers/jumpstarter/fake-controller.ts";
import { clientVersions, isClientAbsent, venvProgram } from "../../helpers/jumpstarter/venvs.ts";

const LONG_MS = 300_000;
const steps = join(import.meta.dirname, "steps.py");

describe.each(clientVersions)("jmp shell %s", (version) => {
  test.skipIf(isClientAbsent(version))(
    "uploads, starts the server and boots through a lease, and after the lease everything is gone",
    async () => {
      const ground = new ExporterGround();
      const { cert, key } = makeCertificate(ground.directory);
      const controller = await FakeController.start(cert, key);
      const ca = cert.toString("base64");
      const exporter = new Cli([
        "export",
        writeConfig(ground, `endpoint: ${controller.endpoint}\ntoken: t\ntls: {ca: ${ca}}\n`),
      ]);
      await expect.poll(() => controller.calls).toEqual(["register", "AVAILABLE"]);
      const client = join(ground.directory, "client.yaml");
      writeFileSync(
        client,
        "apiVersion: jumpstarter.dev/v1alpha1\nkind: ClientConfig\nmetadata: {namespace: lab, name: tester}\n" +
          `endpoint: ${controller.endpoint}\ntoken: ${jwt()}\ntls: {ca: ${ca}}\ndrivers: {allow: [], unsafe: true}\n`,
      );
      const shell = ["shell", "--client-config", client, "-l", "board=board-1", "--"];
      const output = await jmp(version, [...shell, venvProgram(version, "python"), steps]);
      expect(output).toContain("all steps");
      await expect.poll(() => exporter.stdout).toContain("ended after");
      expect(existsSync(ground.root) ? readdirSync(ground.root) : []).toEqual([]);
      exporter.process.kill("SIGTERM");
      expect(await exporter.end()).toBe(0);
      expect(controller.calls.slice(-2)).toEqual(["OFFLINE", "unregister"]);
    },
    LONG_MS,
  );
});

test.skipIf(isClientAbsent("0.9.0"))(
  "jmp shell 0.9.0 works by TLS with the passphrase, and says so without it",
  async () => {
    const ground = new ExporterGround();
    const { certFile, keyFile } = makeCertificate(ground.directory);
    const passphrase = join(ground.directory, "passphrase");
    writeFileSync(passphrase, "open-sesame\n");
    const tls = ["--tls-cert", certFile, "--tls-key", keyFile, "--passphrase-file", passphrase];
    const exporter = new Cli(["export", writeConfig(ground, ""), "--listen", "0", ...tls]);
    const [line = ""] = await exporter.lines(1);
    const address = line.replace(/^.*127\.0\.0\.1:/, "localhost:");
    const env = { GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: certFile };
    const command = ["--", venvProgram("0.9.0", "python"), steps];
    const shell = ["shell", "--tls-grpc", address, "--passphrase"];
    expect(await jmp("0.9.0", [...shell, "open-sesame", ...command], env)).toContain("all steps");
    expect(await jmp("0.9.0", [...shell, "wrong", ...command], env)).toContain("Authentication failed");
    exporter.process.kill("SIGTERM");
    expect(await exporter.end()).toBe(0);
  },
  LONG_MS,
);

test.skipIf(isClientAbsent("0.9.0"))(
  "tftp-driver shell runs a Python program beside the driver, and its exit code is the program's",
  async () => {
    const ground = new ExporterGround();
    const config = writeConfig(ground, "");
    const shell = new Cli(["shell", config, "--", venvProgram("0.9.0", "python"), steps]);
    expect(await shell.end()).toBe(0);
    expect(shell.stdout).toContain("all steps");
    const failing = new Cli(["shell", config, "--", "sh", "-c", "exit 7"]);
    expect(await failing.end()).toBe(7);
    expect(ground.files()).toEqual([]);
  },
  LONG_MS,
);

function writeConfig(ground: ExporterGround, more: string): string {
  const file = join(ground.directory, "board.yaml");
  writeFileSync(
    file,
    `apiVersion: jumpstarter.dev/v1alpha1\nkind: ExporterConfig\nmetadata: {namespace: lab, name: board-1}\n${more}export:\n` +
      "  tftp:\n    type: jumpstarter_driver_tftp.driver.Tftp\n" +
      `    config: {root_dir: ${ground.root}, host: 127.0.0.1, port: 0, journal: false}\n`,
  );
  return file;
}

/** The client wants a token that looks like one; nobody checks its signature. */
function jwt(): string {
  return `${jwtPart({ alg: "none" })}.${jwtPart({ sub: "x", iss: "x", exp: Math.floor(Date.now() / 1_000) + 86_400 })}.x`;
}

function jwtPart(json: object): string {
  return Buffer.from(JSON.stringify(json)).toString("base64url");
}

async function jmp(version: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<string> {
  const env = { ...process.env, JMP_DRIVERS_ALLOW: "UNSAFE", TERM: "dumb", ...more };
  const child = spawn(venvProgram(version, "jmp"), args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (output += text.toString()));
  await once(child, "close");
  return output;
}
