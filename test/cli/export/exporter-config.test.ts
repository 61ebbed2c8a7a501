import { expect, test } from "vitest";
import { parseExporterConfig } from "../../../src/cli/export/exporter-config.ts";

const HEAD = "apiVersion: jumpstarter.dev/v1alpha1\nkind: ExporterConfig\n";

function read(rest: string, env: NodeJS.ProcessEnv = {}) {
  return parseExporterConfig(`${HEAD}${rest}`, "/etc/board.yaml", env);
}

test("an ExporterConfig is read as it is: drivers, composites, aliases, the controller", () => {
  const ca = Buffer.from("PEM").toString("base64");
  const config = read(
    `metadata: {namespace: lab}\nendpoint: ctl:443\ntoken: t\ntls: {ca: ${ca}}\ndescription: a board\nexport:\n` +
      "  tftp:\n    type: jumpstarter_driver_tftp.driver.Tftp\n    description: boots\n" +
      "    config: {root_dir: tftpboot, host: 127.0.0.1, port: 69, remove_created_on_close: true}\n" +
      "  more: {children: {alias: {ref: tftp}}}\n",
    { JMP_NAME: "board-1" },
  );
  expect(config).toEqual({
    description: "a board",
    hooks: {},
    controller: { endpoint: "ctl:443", token: "t", namespace: "lab", name: "board-1", insecure: false, ca: "PEM" },
    entries: {
      tftp: {
        description: "boots",
        methodsDescription: {},
        tftp: { rootDir: "/etc/tftpboot", host: "127.0.0.1", port: 69, removeCreatedOnClose: true },
      },
      more: { children: { alias: { ref: "tftp" } } },
    },
  });
});

test("what the parser says of a broken file has the line's number, and not the line, which may be that of the token", () => {
  for (const broken of [
    'token: "eyJhb.c2VjcmV0.x\n',
    "token: eyJhb.c2VjcmV0.x\n  more: 1\n",
    "token: a: eyJhb.c2VjcmV0.x\n",
  ]) {
    let message = "";
    try {
      read(broken);
    } catch (error) {
      ({ message } = error as Error);
    }
    expect(message).toMatch(/^\/etc\/board\.yaml: .* at line \d+, column \d+$/);
    expect(message).not.toContain("eyJ");
  }
});

test("hooks are read with upstream's names, the older ones too, and time-outs in seconds", () => {
  const text =
    "hooks:\n  beforeLease: {script: ./prepare, exec: /bin/bash, timeout: 30, onFailure: endLease}\n" +
    "  after_lease: {script: tidy, on_failure: exit}\n";
  expect(read(text).hooks).toEqual({
    beforeLease: { script: "./prepare", exec: "/bin/bash", timeoutMs: 30_000, onFailure: "endLease" },
    afterLease: { script: "tidy", onFailure: "exit" },
  });
});

test("a file without an endpoint is for local use", () => {
  expect(read("export: {}").controller).toBeUndefined();
});

test.each([
  [
    "export: {power: {type: jumpstarter_driver_x.driver.Power}}",
    'export.power.type: unknown driver "jumpstarter_driver_x',
  ],
  [
    "export: {t: {type: jumpstarter_driver_tftp.driver.Tftp, config: {rootdir: x}}}",
    "export.t.config.rootdir: unknown key",
  ],
  ["export: {t: {type: jumpstarter_driver_tftp.driver.Tftp, config: {port: x}}}", "export.t.config.port: expected"],
  ["exports: {}", "exports: unknown key"],
  ["endpoint: a:1\nmetadata: {namespace: n, name: m}", "token: expected a token"],
  ["endpoint: a:1\ntoken: secret\nmetadata: {namespace: n}", "metadata.name: expected text"],
  ["hooks: {duringLease: {script: x}}", "hooks.duringLease: unknown key"],
  ["hooks: {beforeLease: {scripts: x}}", "hooks.beforeLease.scripts: unknown key"],
  ["hooks: {beforeLease: {}}", "hooks.beforeLease.script: expected text"],
  ["hooks: {afterLease: {script: x, timeout: 0}}", "hooks.afterLease.timeout, in ms: expected a number from 1"],
  ["hooks: {afterLease: {script: x, onFailure: stop}}", "hooks.afterLease.onFailure: expected one of warn, endLease"],
])("%s is refused: %s", (text, message) => {
  expect(() => read(text)).toThrow(`/etc/board.yaml: ${message}`);
});
