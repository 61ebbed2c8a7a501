import { describe, expect, test } from "vitest";
import { TftpError } from "../../../src/contract/errors.ts";
import { device, hosts } from "../../../src/contract/options/host-spec.ts";
import type { TftpOptions } from "../../../src/contract/options/options.ts";
import { checkGrace, resolveOptions } from "../../../src/contract/options/resolve-options.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

test("without options the documented defaults hold", () => {
  const defaults = {
    server: {
      rootDir: "/var/lib/tftpboot",
      host: "",
      waitForAddress: false,
      bindDevice: undefined,
      port: 69,
      ports: "own",
      maxBlockSize: 65_464,
      maxWindowSize: 64,
      windowBytes: 0,
      retransmitMs: 1_000,
      maxRetries: 8,
      maxSilenceMs: 120_000,
      maxTransfers: 4_096,
      maxTransfersPerClient: 1_024,
      allow: ["0.0.0.0/0", "::/0"],
      deny: [],
      symlinks: "inside",
      requireWorldReadable: false,
      rules: [],
      transport: "auto",
      readAheadBytes: 64 * 1_024 * 1_024,
      source: undefined,
      sourceTimeoutMs: 10_000,
      cacheDir: undefined,
      cacheMaxBytes: 8 * 1_024 ** 3,
      handlerTimeoutMs: 3_000,
      handlerMemoryBytes: 256 * 1024 * 1024,
    },
    controller: {
      removeCreatedOnClose: true,
      journal: true,
      stopGraceMs: 10_000,
      startTimeoutMs: 30_000,
      restart: "on-crash",
      workerHeapBytes: 512 * 1_024 * 1_024,
      watchdogMs: 10_000,
      historySize: 1_000,
    },
    logger: undefined,
  };
  expect(resolveOptions()).toEqual(defaults);
  expect(resolveOptions({ port: undefined })).toEqual(defaults);
});

describe("a value in range is taken", () => {
  test.each<[keyof TftpOptions, ...unknown[]]>([
    ["rootDir", "x", "/srv/ü b"],
    ["host", "", "0.0.0.0", "192.168.1.100", "::", "::1", "fe80::1%eth0", "*", "eth1", "eth1:6", ["eth1", "::1"]],
    ["waitForAddress", true, false, 0, 2_147_483_647],
    ["bindDevice", "eth1", "vrf-red"],
    ["port", 0, 65_535],
    ["maxBlockSize", 8, 65_464, "mtu"],
    ["ports", "own", "single", { from: 1, to: 65_535 }, { from: 69, to: 69 }],
    ["maxWindowSize", 1, 65_535],
    ["windowBytes", 0, 8, 4_294_967_296],
    ["retransmitMs", 10, 255_000],
    ["maxRetries", 0, 100],
    ["maxSilenceMs", 1_000, 86_400_000],
    ["maxTransfers", 1, 65_535],
    ["maxTransfersPerClient", 1, 65_535],
    ["allow", [], ["192.168.1.17", "10.0.0.0/8", "fd00::/8"]],
    ["deny", [], ["::1"]],
    ["symlinks", "inside", "follow", "deny"],
    ["transport", "auto", "dgram", "native"],
    ["readAheadBytes", 1_048_576, 4_294_967_296],
    ["source", { scheme: "memory" }, { scheme: "s3", bucket: "b", port: 1, disable_config_load: true }],
    ["sourceTimeoutMs", 100, 600_000],
    ["cacheMaxBytes", 1_048_576, Number.MAX_SAFE_INTEGER],
    ["handlerTimeoutMs", 10, 60_000],
    ["handlerMemoryBytes", 1 << 20, 2 ** 34],
    ["removeCreatedOnClose", true, false],
    ["journal", true, false, "/var/lib/journals"],
    ["stopGraceMs", 0, 3_600_000],
    ["startTimeoutMs", 1, 3_600_000],
    ["restart", "on-crash", "never"],
    ["workerHeapBytes", 33_554_432, 68_719_476_736],
    ["historySize", 0, 1_000_000],
    ["logger", silent],
  ])("the option %s takes values in its range", (name, ...values) => {
    for (const value of values) {
      const { server, controller, logger } = resolveOptions({ [name]: value });
      expect({ ...server, ...controller, logger }).toHaveProperty(name, value);
    }
  });
});

test("cacheDir is taken together with source", () => {
  const { server } = resolveOptions({ source: { scheme: "memory" }, cacheDir: "/var/cache/tftp" });
  expect(server).toMatchObject({ source: { scheme: "memory" }, cacheDir: "/var/cache/tftp" });
});

describe("a bad value is told by name, expectation and value", () => {
  const address = hosts().expected;
  const ranges = 'an array of addresses and CIDR ranges, such as "192.168.1.17" or "192.168.1.0/24"';
  const path = "a path, as a non-empty string without NUL";
  const source = "an object with a scheme and the options of that service, all of them strings, numbers or booleans";
  const ports = '"own", "single", or a range of ports from 1 to 65535, such as { from: 50000, to: 50100 }';
  test.each<[keyof TftpOptions, unknown, string, string]>([
    ["rootDir", "", path, '""'],
    ["rootDir", "a\0b", path, String.raw`"a\u0000b"`],
    ["rootDir", 7, path, "7"],
    ["host", "192.168.1.300", address, '"192.168.1.300"'],
    ["host", [], address, "[]"],
    ["waitForAddress", -1, "true, false or a whole number from 0 to 2147483647", "-1"],
    ["bindDevice", "a/b", device().expected, '"a/b"'],
    ["host", null, address, "null"],
    ["port", -1, whole(0, 65_535), "-1"],
    ["port", 65_536, whole(0, 65_535), "65536"],
    ["port", 6_969.5, whole(0, 65_535), "6969.5"],
    ["port", Number.NaN, whole(0, 65_535), "NaN"],
    ["port", "69", whole(0, 65_535), '"69"'],
    ["ports", "50000-50100", ports, '"50000-50100"'],
    ["ports", { from: 50_100, to: 50_000 }, ports, "{ from: 50100, to: 50000 }"],
    ["ports", { from: 0, to: 9 }, ports, "{ from: 0, to: 9 }"],
    ["ports", { from: 9, to: 65_536 }, ports, "{ from: 9, to: 65536 }"],
    ["ports", { from: 1.5, to: "9" }, ports, '{ from: 1.5, to: "9" }'],
    ["ports", { from: 1, to: 9, step: 2 }, ports, "{ from: 1, to: 9, step: 2 }"],
    ["ports", [1, 9], ports, "[1, 9]"],
    ["maxBlockSize", 7, `${whole(8, 65_464)}, or "mtu"`, "7"],
    ["maxBlockSize", "MTU", `${whole(8, 65_464)}, or "mtu"`, '"MTU"'],
    ["maxBlockSize", 65_465, `${whole(8, 65_464)}, or "mtu"`, "65465"],
    ["windowBytes", 7, `0, or ${whole(8, 4_294_967_296)}`, "7"],
    ["maxWindowSize", 0, whole(1, 65_535), "0"],
    ["maxWindowSize", 65_536, whole(1, 65_535), "65536"],
    ["retransmitMs", 9, whole(10, 255_000), "9"],
    ["retransmitMs", 255_001, whole(10, 255_000), "255001"],
    ["maxRetries", -1, whole(0, 100), "-1"],
    ["maxRetries", 101, whole(0, 100), "101"],
    ["maxTransfers", 0, whole(1, 65_535), "0"],
    ["maxTransfersPerClient", 0, whole(1, 65_535), "0"],
    ["allow", "10.0.0.0/8", ranges, '"10.0.0.0/8"'],
    ["allow", ["10.0.0.0/8", "10.0.0.0/33"], ranges, '["10.0.0.0/8", "10.0.0.0/33"]'],
    ["deny", ["board-7"], ranges, '["board-7"]'],
    ["deny", [7, null], ranges, "[7, null]"],
    ["symlinks", "sometimes", '"inside" or "follow" or "deny"', '"sometimes"'],
    ["transport", "tcp", '"auto" or "dgram" or "native"', '"tcp"'],
    ["readAheadBytes", 1_048_575, whole(1_048_576, 4_294_967_296), "1048575"],
    ["source", "s3", source, "a string"],
    ["source", { bucket: "b" }, source, "an object"],
    ["source", { scheme: "s3", bucket: { name: "b" } }, source, "an object"],
    ["sourceTimeoutMs", 99, whole(100, 600_000), "99"],
    ["cacheDir", 7, path, "7"],
    ["cacheDir", "/var/cache/tftp", "only together with source", '"/var/cache/tftp"'],
    ["cacheMaxBytes", 1_048_575, whole(1_048_576, Number.MAX_SAFE_INTEGER), "1048575"],
    ["handlerTimeoutMs", 9, whole(10, 60_000), "9"],
    ["removeCreatedOnClose", "yes", "true or false", '"yes"'],
    ["journal", "", "true, false or the path of a directory", '""'],
    ["journal", 1, "true, false or the path of a directory", "1"],
    ["stopGraceMs", -1, whole(0, 3_600_000), "-1"],
    ["stopGraceMs", Number.POSITIVE_INFINITY, whole(0, 3_600_000), "Infinity"],
    ["startTimeoutMs", 0, whole(1, 3_600_000), "0"],
    ["restart", "always", '"on-crash" or "never"', '"always"'],
    ["historySize", -1, whole(0, 1_000_000), "-1"],
    ["workerHeapBytes", 512, whole(33_554_432, 68_719_476_736), "512"],
    ["logger", { debug() {} }, "functions debug, info, warn, error", "an object"],
    ["logger", null, "functions debug, info, warn, error", "null"],
  ])("%s: %o", (name, value, expectation, shown) => {
    const message = `${name}: expected ${expectation}, got ${shown}`;
    expect(() => resolveOptions({ [name]: value })).toThrow(new TftpError("INVALID_OPTION", message));
  });
});

test("an unknown option is refused, and the message names those that exist", () => {
  expect(() => resolveOptions({ prot: 69 } as TftpOptions)).toThrow(
    /^prot: expected one of rootDir, host, port,.* logger; there is no such option$/,
  );
});

test.each([[null], [[]], ["69"]])("options that are no object are refused: %o", (options) => {
  expect(() => resolveOptions(options as TftpOptions)).toThrow(/^options: expected an object, got /);
});

test("a bad grace of stop() is refused by its own name", () => {
  expect(checkGrace(0)).toBe(0);
  expect(() => checkGrace(-1)).toThrow("graceMs: expected a whole number from 0 to 3600000, got -1");
});

function whole(low: number, high: number): string {
  return `a whole number from ${low} to ${high}`;
}
