import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Cli } from "../../helpers/cli.ts";
import { makeCertificate } from "../../helpers/jumpstarter/certificate.ts";
import { ExporterGround } from "../../helpers/jumpstarter/exporter-ground.ts";
import { FakeController } from "../../helpers/jumpstarter/fake-controller.ts";
import { jmp, writeClientConfig, writeExporterConfig } from "../../helpers/jumpstarter/jmp.ts";
import { clientVersions, isClientAbsent, venvProgram } from "../../helpers/jumpstarter/venvs.ts";
import { censusOf } from "../../helpers/process-census.ts";

const LONG_MS = 300_000;
const steps = join(import.meta.dirname, "steps.py");
const boot = join(import.meta.dirname, "boot.py");

/** An exporter that a controller knows, and how a client leases it. */
async function startLeased(more = "") {
  const ground = new ExporterGround();
  const { cert, key } = makeCertificate(ground.directory);
  const controller = await FakeController.start(cert, key);
  const ca = cert.toString("base64");
  const keys = `endpoint: ${controller.endpoint}\ntoken: t\ntls: {ca: ${ca}}\n${more}`;
  const exporter = new Cli(["export", writeExporterConfig(ground, keys)]);
  await expect.poll(() => controller.calls).toEqual(["register", "AVAILABLE"]);
  const client = writeClientConfig(ground, controller.endpoint, cert);
  const shell = (version: string, script: string): string[] => [
    "shell",
    "--client-config",
    client,
    "-l",
    "board=board-1",
    "--",
    venvProgram(version, "python"),
    script,
  ];
  return { ground, controller, exporter, shell };
}

describe.each(clientVersions)("jmp shell %s", (version) => {
  test.skipIf(isClientAbsent(version))(
    "does all that it can through a lease, and an exporter that is stopped reports OFFLINE and unregisters",
    async () => {
      const { ground, controller, exporter, shell } = await startLeased();
      expect(await jmp(version, shell(version, steps))).toContain("all steps");
      await expect.poll(() => exporter.stdout).toContain("ended after");
      expect(existsSync(ground.root) ? readdirSync(ground.root) : []).toEqual([]);
      exporter.process.kill("SIGTERM");
      expect(await exporter.end()).toBe(0);
      expect(controller.calls.slice(-2)).toEqual(["OFFLINE", "unregister"]);
    },
    LONG_MS,
  );

  test.skipIf(isClientAbsent(version))(
    "uploads a kernel and boots from it; after the lease its files, its sockets and its thread are gone",
    async () => {
      const { ground, exporter, shell } = await startLeased();
      const pid = exporter.process.pid as number;
      const before = censusOf(pid);
      const hold = join(ground.directory, "hold");
      const output = jmp(version, shell(version, boot), { HOLD: hold });
      await expect.poll(() => existsSync(hold), { timeout: LONG_MS }).toBe(true);
      const during = censusOf(pid);
      expect(during.udpSockets).toBeGreaterThan(0);
      expect(during.threads).toBeGreaterThan(before.threads);
      expect(ground.files()).toEqual(["board-1", "board-1/zImage"]);
      rmSync(hold);
      expect(await output).toContain("booted");
      await expect.poll(() => exporter.stdout).toContain("ended after");
      expect(ground.files()).toEqual([]);
      await expect.poll(() => censusOf(pid)).toEqual(before);
    },
    LONG_MS,
  );
});

test.skipIf(isClientAbsent("0.9.0"))(
  "hooks drive the drivers before and after a lease, and jmp shell 0.9.0 shows what they print",
  async () => {
    const python = venvProgram("0.9.0", "python");
    const hook = (...lines: string[]): string =>
      `{exec: ${python}, script: ${JSON.stringify(`from jumpstarter.utils.env import env\nwith env() as client:\n ${lines.join("\n ")}`)}}`;
    const hooks =
      `hooks:\n  beforeLease: ${hook('client.tftp.storage.write_bytes("prepared", b"yes")', 'print("hook prepared")')}\n` +
      `  afterLease: ${hook('print("hook sees", sorted(client.tftp.storage.list("/")))')}\n`;
    const { ground, controller, exporter, shell } = await startLeased(hooks);
    const output = await jmp("0.9.0", shell("0.9.0", boot));
    expect(output).toContain("hook prepared");
    expect(output).toContain("booted");
    expect(output).toContain("hook sees ['/', 'board-1/', 'prepared']");
    await expect.poll(() => exporter.stdout).toContain("ended after");
    expect(ground.files()).toEqual([]);
    const statuses = ["BEFORE_LEASE_HOOK", "LEASE_READY", "AFTER_LEASE_HOOK", "AVAILABLE"];
    expect(controller.calls.filter((call) => statuses.includes(call)).slice(1, 5)).toEqual(statuses);
  },
  LONG_MS,
);

test.skipIf(isClientAbsent("0.9.0"))(
  "a beforeLease hook that fails with onFailure exit is shown by jmp shell 0.9.0, and the exporter ends with code 1",
  async () => {
    const { controller, exporter, shell } = await startLeased(
      "hooks: {beforeLease: {script: echo no power; exit 3, onFailure: exit}}\n",
    );
    const output = await jmp("0.9.0", shell("0.9.0", boot), { JMP_RETRY_TIMEOUT: "0" });
    expect(output).toContain("beforeLease hook failed");
    expect(output).not.toContain("booted");
    expect(await exporter.end()).toBe(1);
    expect(exporter.stderr).toContain("its exit code was 3");
    expect(controller.calls.slice(-2)).toEqual(["OFFLINE", "unregister"]);
  },
  LONG_MS,
);

test.skipIf(isClientAbsent("0.9.0"))(
  "jmp shell 0.9.0 works by TLS with the passphrase, and says so without it",
  async () => {
    const ground = new ExporterGround();
    const { certFile, keyFile } = makeCertificate(ground.directory);
    const passphrase = join(ground.directory, "passphrase");
    writeFileSync(passphrase, "open-sesame\n");
    const tls = ["--tls-cert", certFile, "--tls-key", keyFile, "--passphrase-file", passphrase];
    const exporter = new Cli(["export", writeExporterConfig(ground), "--listen", "0", ...tls]);
    const [line = ""] = await exporter.lines(1);
    const address = line.replace(/^.*127\.0\.0\.1:/, "localhost:");
    const env = { GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: certFile };
    const command = ["--", venvProgram("0.9.0", "python"), steps];
    const shell = ["shell", "--tls-grpc", address, "--passphrase"];
    expect(await jmp("0.9.0", [...shell, "open-sesame", ...command], env)).toContain("all steps");
    expect(await jmp("0.9.0", [...shell, "wrong", ...command], env)).toContain("Authentication failed");
    exporter.process.kill("SIGTERM");
    expect(await exporter.end()).toBe(0);
    expect(ground.files()).toEqual([]);
  },
  LONG_MS,
);

test.skipIf(isClientAbsent("0.9.0"))(
  "jmp shell 0.9.0 boots in clear text on the loopback interface, and the exporter that is stopped leaves nothing",
  async () => {
    const ground = new ExporterGround();
    const exporter = new Cli(["export", writeExporterConfig(ground), "--listen", "0"]);
    const [line = ""] = await exporter.lines(1);
    const address = line.replace(/^.*127\.0\.0\.1:/, "127.0.0.1:");
    const shell = ["shell", "--tls-grpc", address, "--tls-grpc-insecure", "--", venvProgram("0.9.0", "python"), boot];
    expect(await jmp("0.9.0", shell)).toContain("booted");
    exporter.process.kill("SIGTERM");
    expect(await exporter.end()).toBe(0);
    expect(ground.files()).toEqual([]);
  },
  LONG_MS,
);

describe.each(clientVersions)("tftp-driver shell and the Python client %s", (version) => {
  test.skipIf(isClientAbsent(version))(
    "share a private socket while the program runs, its exit code is the shell's, and nothing is left",
    async () => {
      const ground = new ExporterGround();
      const config = writeExporterConfig(ground);
      const shell = new Cli(["shell", config, "--", venvProgram(version, "python"), boot]);
      expect(await shell.end()).toBe(0);
      expect(shell.stdout).toContain("booted");
      const failing = new Cli(["shell", config, "--", "sh", "-c", "exit 7"]);
      expect(await failing.end()).toBe(7);
      expect(ground.files()).toEqual([]);
    },
    LONG_MS,
  );
});
