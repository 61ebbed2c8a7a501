import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { cliFiles } from "../../scripts/cli-files.ts";
import { commandTable } from "../../src/cli/commands/command-table.ts";
import { parseConfig } from "../../src/cli/serve/config/config-file.ts";
import { fileOptions, keyOf } from "../../src/cli/serve/config/file-keys.ts";
import { resolveOptions } from "../../src/contract/options/resolve-options.ts";
import { isAbsent } from "../helpers/client-programs.ts";

const root = new URL("../../", import.meta.url);
const schema = JSON.parse(cliFiles().get("schema.json") ?? "") as object;
const man = cliFiles().get("man/tftp-driver.1") ?? "";
const isValid = new Ajv({ allowUnionTypes: true }).compile(schema);

test("the published files are those that the tables make", () => {
  expect(JSON.parse(readFileSync(new URL("schema.json", root), "utf8"))).toEqual(schema);
  expect(readFileSync(new URL("man/tftp-driver.1", root), "utf8")).toBe(man);
});

test("the schema has every option of a file, and each default is valid", () => {
  const { server, controller } = resolveOptions();
  const defaults = { ...server, ...controller };
  for (const name of fileOptions) {
    expect(schema).toHaveProperty(["definitions", "options", "properties", keyOf(name), "description"]);
    const value = defaults[name];
    expect(isValid(value === undefined ? {} : { [keyOf(name)]: value })).toBe(true);
  }
});

const good = [
  "",
  "port: 69",
  'root_dir: boot\nhost: ""\nallow: [192.168.1.0/24]\njournal: false\nwatchdog_ms: 0',
  "source: { scheme: s3, bucket: boot, enable_virtual_host_style: true }",
  "files:\n  a.cfg: text",
  "type: jumpstarter_driver_tftp.driver.Tftp",
  "type: jumpstarter_driver_tftp.driver.TftpServer\nconfig:\n  root_dir: /srv/tftp\n  remove_created_on_close: true",
  "type: jumpstarter_driver_tftp.driver.Tftp\ndescription: boards\nmethods_description: {}\nchildren: {}\nconfig:",
];
test.each(good)("a file that serve takes is valid: %j", (text) => {
  expect(() => parseConfig(text, "tftp.yaml")).not.toThrow();
  expect(isValid(parse(text))).toBe(true);
});

const bad = [
  "rootDir: boot",
  "port: '69'",
  "port: 65536",
  "symlinks: never",
  "allow: 192.168.1.0/24",
  "source: { bucket: boot }",
  "files:\n  a.cfg: 5",
  "type: jumpstarter_driver_power.driver.MockPower",
  "type: jumpstarter_driver_tftp.driver.Tftp\nport: 69",
  "type: jumpstarter_driver_tftp.driver.Tftp\nconfig: { prot: 69 }",
  "type: jumpstarter_driver_tftp.driver.Tftp\nchildren: { storage: {} }",
  "- port: 69",
];
test.each(bad)("a file that serve refuses is invalid: %j", (text) => {
  expect(() => parseConfig(text, "tftp.yaml")).toThrow("tftp.yaml:");
  expect(isValid(parse(text))).toBe(false);
});

test("the man page has every option of every command", () => {
  for (const { name, options } of commandTable.filter((command) => command.name !== "help")) {
    expect(man).toContain(`.SS ${name}`);
    for (const option of options) expect(man).toContain(`\\-\\-${option.name.replaceAll("-", "\\-")}\\fR`);
  }
});

test.skipIf(isAbsent("groff", ["--version"]))("groff formats the man page without a warning", () => {
  // Without overstriking and underlining.
  const args = ["-man", "-ww", "-Tascii", "-P-cbou"];
  const { status, stdout, stderr } = spawnSync("groff", args, { input: man, encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toContain('eth1:6),  *  for  all addresses (default), "" for the address of');
});
