import { describe, expect, test } from "vitest";
import { parseCommandLine } from "../../src/cli/command-line.ts";
import { UsageError } from "../../src/cli/usage-error.ts";
import { hosts } from "../../src/contract/options/host-spec.ts";

const parse = (line: string, env: NodeJS.ProcessEnv = {}): ReturnType<typeof parseCommandLine> =>
  parseCommandLine(line === "" ? [] : line.split(" "), env);

test("serve takes a directory, --host, --port and --json, and their short forms", () => {
  expect(parse("serve")).toEqual({ name: "serve", json: false, options: {} });
  const command = { name: "serve", json: true, options: { rootDir: "boot", host: "::1", port: 0 } };
  expect(parse("serve boot --host ::1 --port 0 --json")).toEqual(command);
  expect(parse("serve -H ::1 -p 0 --json boot")).toEqual(command);
});

test("an empty --host is the library's: the default route's address", () => {
  expect(parse("serve --host=")).toMatchObject({ options: { host: "" } });
});

test("--host may be repeated, and takes a list with commas; one entry stays a string", () => {
  expect(parse("serve -H eth1,::1 --host=10.0.0.1")).toMatchObject({ options: { host: ["eth1", "::1", "10.0.0.1"] } });
  expect(parse("serve -H eth1")).toMatchObject({ options: { host: "eth1" } });
  expect(parse("serve -H *")).toMatchObject({ options: { host: "*" } });
});

test("--wait-for-address takes ms or true, and --bind-device a name", () => {
  const line = "serve --wait-for-address 5000 --bind-device vrf-red";
  expect(parse(line)).toMatchObject({ options: { waitForAddress: 5_000, bindDevice: "vrf-red" } });
  expect(parse("serve --wait-for-address true")).toMatchObject({ options: { waitForAddress: true } });
  expect(() => parse("serve --wait-for-address soon")).toThrow("--wait-for-address: expected true, false or");
});

test("HOST and PORT of the environment stand in for --host and --port, and what is typed overrides them", () => {
  const env = { HOST: "192.0.2.1", PORT: "6969" };
  expect(parse("serve", env)).toMatchObject({ options: { host: "192.0.2.1", port: 6_969 } });
  expect(parse("serve -p 70 -H ::", env)).toMatchObject({ options: { host: "::", port: 70 } });
  expect(parse("serve", { HOST: "", PORT: "" })).toMatchObject({ options: {} });
});

test("a HOST that is no address, as some shells export it, is ignored with a note; a wrong PORT is refused", () => {
  expect(parse("serve", { HOST: "x86_64-conda-linux-gnu" })).toEqual({
    name: "serve",
    json: false,
    options: {},
    notes: ['the environment\'s HOST is ignored: "x86_64-conda-linux-gnu" is no numeric address'],
  });
  expect(() => parse("serve", { PORT: "http" })).toThrow('PORT: expected a whole number from 0 to 65535, got "http"');
});

test("serve takes the limits, the transport and the clients", () => {
  const line =
    "serve --transport dgram --allow 10.0.0.0/8,::1 --allow 192.0.2.1 --deny 10.0.0.1 --block-size-max 1428 " +
    "--window-max 16 --window-bytes 48K --read-ahead 16MiB";
  expect(parse(line)).toMatchObject({
    options: {
      transport: "dgram",
      allow: ["10.0.0.0/8", "::1", "192.0.2.1"],
      deny: ["10.0.0.1"],
      maxBlockSize: 1_428,
      maxWindowSize: 16,
      windowBytes: 48 * 1_024,
      readAheadBytes: 16 * 1_024 ** 2,
    },
  });
  expect(parse("serve --block-size-max mtu")).toMatchObject({ options: { maxBlockSize: "mtu" } });
  expect(parse("serve --ports single")).toMatchObject({ options: { ports: "single" } });
  expect(parse("serve --ports 50000-50100")).toMatchObject({ options: { ports: { from: 50_000, to: 50_100 } } });
  expect(parse("serve --read-ahead 2097152")).toMatchObject({ options: { readAheadBytes: 2_097_152 } });
});

test("serve shows lines with --plain, and a page with --open-ui", () => {
  expect(parse("serve --plain --open-ui 8069")).toMatchObject({ plain: true, openUi: 8_069 });
});

test("serve takes --config, --check, --create, --metrics-port and --metrics-host", () => {
  expect(parse("serve --config tftp.yaml --check --create")).toEqual({
    name: "serve",
    json: false,
    options: {},
    config: "tftp.yaml",
    check: true,
    create: true,
  });
  expect(parse("serve --metrics-port 9100")).toMatchObject({ metrics: { host: "127.0.0.1", port: 9_100 } });
  expect(parse("serve --metrics-port 0 --metrics-host ::")).toMatchObject({ metrics: { host: "::", port: 0 } });
});

test("get takes the options of RFC 2348, 7440 and 2349", () => {
  expect(parse("get tftp://h/x --blksize 512 --windowsize 1 --timeout 3")).toMatchObject({
    blockSize: 512,
    windowSize: 1,
    timeout: 3,
  });
});

test("completion takes a shell", () => {
  expect(parse("completion zsh")).toEqual({ name: "completion", shell: "zsh" });
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

test.each([["--help"], ["-h"], ["help"]])("%s asks for the overview", (line) => {
  expect(parse(line)).toEqual({ name: "help" });
});

test.each([
  ["serve --help", "serve"],
  ["get -h", "get"],
  ["help get", "get"],
  ["completion bash --help", "completion"],
])("%s asks for the help of one command", (line, topic) => {
  expect(parse(line)).toEqual({ name: "help", topic });
});

test.each([["--version"], ["-v"], ["-V"], ["serve --version"], ["get -v"], ["completion --version"]])(
  "%s asks for the version",
  (line) => {
    expect(parse(line)).toEqual({ name: "version" });
  },
);

describe("bad usage is one line that says how", () => {
  test.each([
    ["", "expected a command: serve, get, explain, export, shell, completion or help; see tftp-driver --help"],
    [
      "sreve",
      'expected a command: serve, get, explain, export, shell, completion or help, not "sreve"; did you mean serve?',
    ],
    [
      "help gte",
      'expected a command: serve, get, explain, export, shell, completion or help, not "gte"; did you mean get?',
    ],
    ["unlike", 'expected a command: serve, get, explain, export, shell, completion or help, not "unlike"'],
    ["--port 69 serve", "expected a command before --port; see tftp-driver --help"],
    ["serve --prot 69", "serve: unknown option --prot; did you mean --port?"],
    ["serve --read 1M", "serve: unknown option --read; did you mean --read-ahead?"],
    ["serve --frobnicate", "serve: unknown option --frobnicate; see tftp-driver serve --help"],
    ["get tftp://h/x -p 1", "get: unknown option -p; see tftp-driver get --help"],
    ["serve --port", "--port: expected PORT after it"],
    ["serve -p", "--port: expected PORT after it"],
    ["serve --host --json", "--host: expected HOST,... after it"],
    ["serve --port 65536", '--port: expected a whole number from 0 to 65535, got "65536"'],
    ["serve --port 0x45", '--port: expected a whole number from 0 to 65535, got "0x45"'],
    ["serve --port=-1", '--port: expected a whole number from 0 to 65535, got "-1"'],
    ["serve --open-ui x", '--open-ui: expected a whole number from 0 to 65535, got "x"'],
    ["serve --json --plain", "--json and --plain: expected only one of them"],
    ["serve --metrics-port x", '--metrics-port: expected a whole number from 0 to 65535, got "x"'],
    ["serve --metrics-host ::", "--metrics-host: expected --metrics-port too"],
    ["serve --json=yes", "--json: expected no value"],
    ["completion", "completion: expected bash, zsh or fish"],
    ["completion csh", 'completion: expected bash, zsh or fish, got "csh"'],
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

test.each([
  ["serve --host localhost", `--host: expected ${hosts().expected}, got "localhost"`],
  ["serve --transport udp", '--transport: expected "auto" or "dgram" or "native", got "udp"'],
  [
    "serve --ports 50100-50000",
    '--ports: expected own, single, or a range of ports from 1 to 65535, such as 50000-50100, got "50100-50000"',
  ],
  ["serve --allow 10.0.0.0/33", "--allow: expected an array of addresses and CIDR ranges"],
  ["serve --block-size-max 7", '--block-size-max: expected a whole number from 8 to 65464, or "mtu", got 7'],
  ["serve --window-bytes 7", "--window-bytes: expected 0, or a whole number from 8 to 4294967296, got 7"],
  ["serve --window-max many", '--window-max: expected a whole number from 1 to 65535, got "many"'],
  ["serve --read-ahead 64X", '--read-ahead: expected a whole number from 1048576 to 4294967296, got "64X"'],
  ["get tftp://h/x --blksize 65465", "--blksize: expected a whole number from 8 to 65464, got 65465"],
  ["get tftp://h/x --timeout 0", "--timeout: expected a whole number from 1 to 255, got 0"],
])("a value out of range is refused by the name of its option: %s", (line, message) => {
  expect(() => parse(line)).toThrow(message);
});
