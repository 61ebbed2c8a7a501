import { describe, expect, test } from "vitest";
import { parseCommandLine } from "../../src/cli/command-line.ts";
import { UsageError } from "../../src/cli/usage-error.ts";

const parse = (line: string): ReturnType<typeof parseCommandLine> =>
  parseCommandLine(line === "" ? [] : line.split(" "));

test("serve takes a directory, --host, --port and --json", () => {
  expect(parse("serve")).toEqual({ name: "serve", json: false });
  expect(parse("serve boot --host ::1 --port 0 --json")).toEqual({
    name: "serve",
    directory: "boot",
    host: "::1",
    port: 0,
    json: true,
  });
});

test("serve shows lines with --plain, and a page with --open-ui", () => {
  expect(parse("serve --plain --open-ui 8069")).toEqual({ name: "serve", json: false, plain: true, openUi: 8_069 });
});

test("serve takes --config, --check, --metrics-port and --metrics-host", () => {
  expect(parse("serve --config tftp.yaml --check")).toEqual({
    name: "serve",
    json: false,
    config: "tftp.yaml",
    check: true,
  });
  expect(parse("serve --metrics-port 9100")).toMatchObject({ metrics: { host: "127.0.0.1", port: 9_100 } });
  expect(parse("serve --metrics-port 0 --metrics-host ::")).toMatchObject({ metrics: { host: "::", port: 0 } });
});

test("get takes a URL, and -o; without -o it writes to the URL's base name", () => {
  const url = { host: "10.0.0.1", port: 69, file: "a/b.bin" };
  expect(parse("get tftp://10.0.0.1/a/b.bin")).toEqual({ name: "get", url, out: "b.bin" });
  expect(parse("get tftp://10.0.0.1/a/b.bin -o -")).toEqual({ name: "get", url, out: "-" });
});

test.each([
  ["tftp://[::1]:6969/x", { host: "::1", port: 6_969, file: "x" }],
  ["tftp://Board-7.local/x", { host: "Board-7.local", port: 69, file: "x" }],
  ["tftp://h/%C3%BC%20b", { host: "h", port: 69, file: "ü b" }],
  ["tftp://h//etc/x", { host: "h", port: 69, file: "/etc/x" }],
  ["tftp://h/x;mode=octet", { host: "h", port: 69, file: "x" }],
  ["tftp://h/x?y#z", { host: "h", port: 69, file: "x?y#z" }],
])("%s is read as RFC 3617 has it", (text, url) => {
  expect(parse(`get ${text} -o out`)).toMatchObject({ url });
});

test.each([["--help"], ["-h"], ["help"], ["serve --help"], ["get -h"]])("%s asks for help", (line) => {
  expect(parse(line)).toEqual({ name: "help" });
});

test("--version asks for the version", () => {
  expect(parse("--version")).toEqual({ name: "version" });
});

describe("bad usage is one line that says how", () => {
  test.each([
    ["", "expected a command, serve or get; see tftp-driver --help"],
    ["sreve", 'expected a command, serve or get, not "sreve"'],
    ["serve --prot 69", "Unknown option '--prot'"],
    ["serve --port", "Option '--port <value>' argument missing"],
    ["serve --port 65536", '--port: expected a whole number from 0 to 65535, got "65536"'],
    ["serve --port 0x45", '--port: expected a whole number from 0 to 65535, got "0x45"'],
    ["serve --port=-1", '--port: expected a whole number from 0 to 65535, got "-1"'],
    ["serve --open-ui x", '--open-ui: expected a whole number from 0 to 65535, got "x"'],
    ["serve --json --plain", "--json and --plain: expected only one of them"],
    ["serve --metrics-port x", '--metrics-port: expected a whole number from 0 to 65535, got "x"'],
    ["serve --metrics-host ::", "--metrics-host: expected --metrics-port too"],
    ["serve --json=yes", "Option '--json' does not take an argument"],
    ["serve a b", 'serve: expected at most one directory, got also "b"'],
    ["get", "get: expected tftp://HOST[:PORT]/FILE"],
    ["get tftp://h/a b", 'get: expected one URL, got also "b"'],
    ["get http://h/a", "http://h/a: expected tftp://HOST[:PORT]/FILE"],
    ["get tftp://h:70000/a", "tftp://h:70000/a: expected tftp://HOST[:PORT]/FILE"],
    ["get tftp:///a", "tftp:///a: expected tftp://HOST[:PORT]/FILE"],
    ["get tftp://me@h/a", "tftp://me@h/a: expected no user name or password: TFTP has none"],
    ["get tftp://h/", "tftp://h/: expected the name of a file after the host"],
    ["get tftp://h/a%00", "tftp://h/a%00: expected the name of a file after the host"],
    ["get tftp://h/%zz", "tftp://h/%zz: a % must be followed by two hexadecimal digits of UTF-8"],
    ["get tftp://h/a;mode=netascii", "tftp://h/a;mode=netascii: expected mode octet"],
    ["get tftp://h/a/", 'get: "a/" has no base name; name the output with -o OUT'],
    ["get tftp://h/a --output=", "-o: expected a file name, or - for stdout"],
  ])("bad usage is one line that names what was expected: %s", (line, message) => {
    expect(() => parse(line)).toThrow(new UsageError(message));
  });
});
