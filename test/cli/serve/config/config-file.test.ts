import fc from "fast-check";
import { expect, test } from "vitest";
import type { TftpOptions } from "../../../../src/contract/options/options.ts";
import { resolveOptions } from "../../../../src/contract/options/resolve-options.ts";
import { formatConfig, parseConfig } from "../../../../src/cli/serve/config/config-file.ts";
import { PLACEHOLDER, readPlainFiles } from "../../../../src/cli/serve/config/plain-files.ts";
import { UsageError } from "../../../../src/cli/usage-error.ts";

const ENTRY = "type: jumpstarter_driver_tftp.driver.Tftp\n";

test("the keys of a Jumpstarter exporter entry are taken", () => {
  const text = `
# boards in the lab
root_dir: /var/lib/tftpboot
host: "192.168.1.100"
port: 69
remove_created_on_close: false
`;
  expect(parseConfig(text, "/etc/tftp.yaml")).toEqual({
    options: { rootDir: "/var/lib/tftpboot", host: "192.168.1.100", port: 69, removeCreatedOnClose: false },
    files: {},
  });
});

test("a whole Jumpstarter exporter entry is taken", () => {
  const text = `
type: jumpstarter_driver_tftp.driver.Tftp
description: boards in the lab
config:
  root_dir: boot
  port: 6969
  files: { a.cfg: text }
`;
  expect(parseConfig(text, "/etc/tftp.yaml")).toEqual({
    options: { rootDir: "/etc/boot", port: 6_969 },
    files: { "a.cfg": "text" },
  });
  expect(parseConfig("type: jumpstarter_driver_tftp.driver.Tftp\n", "tftp.yaml")).toEqual({ options: {}, files: {} });
});

test("every option has its key, in the same style: what is printed can be read again", () => {
  const defaults = resolveOptions();
  const files = { "pxelinux.cfg/*": "default linux\n", "empty.cfg": "" };
  const text = formatConfig(defaults, { files });
  expect(text).toContain("max_transfers_per_client: 1024\n");
  const read = parseConfig(text, "/etc/tftp.yaml");
  expect(resolveOptions(read.options)).toEqual(defaults);
  expect(read.files).toEqual(files);
});

test.each<[text: string, ports: TftpOptions["ports"]]>([
  ["single", "single"],
  ["50000-50100", { from: 50_000, to: 50_100 }],
  ["{ from: 50000, to: 50100 }", { from: 50_000, to: 50_100 }],
])("ports: %s is what the option takes, and is printed in a form that can be read again", (text, ports) => {
  expect(parseConfig(`ports: ${text}`, "tftp.yaml").options).toEqual({ ports });
  const printed = formatConfig(resolveOptions({ ports }), { files: {} });
  expect(parseConfig(printed, "/etc/tftp.yaml").options.ports).toEqual(ports);
});

test.each(["", "# nothing\n", "---\n"])("an empty file is one without options: %j", (text) => {
  expect(parseConfig(text, "tftp.yaml")).toEqual({ options: {}, files: {} });
});

test("paths that are not absolute begin in the directory of the file", () => {
  const text = "root_dir: boot\njournal: ../journal\ncache_dir: /var/cache/tftp\nsource: { scheme: memory }\n";
  expect(parseConfig(text, "/etc/tftp/tftp.yaml").options).toEqual({
    rootDir: "/etc/tftp/boot",
    journal: "/etc/journal",
    cacheDir: "/var/cache/tftp",
    source: { scheme: "memory" },
  });
});

test("what gives access to a source is not printed", () => {
  const secrets = { access_key_id: "A1", secret_access_key: "B2", sas_token: "C3", password: "D4", credential: "E5" };
  const text = formatConfig(resolveOptions({ source: { scheme: "s3", bucket: "boot", ...secrets } }), { files: {} });
  expect(text).toContain("scheme: s3\n  bucket: boot\n");
  expect(text).not.toMatch(/A1|B2|C3|D4|E5/);
});

test.each([["s3://user:S1@store/boot"], [["S1"]]])("a source that is %j is refused without showing it", (source) => {
  const refusal = (): unknown => parseConfig(`source: ${JSON.stringify(source)}\n`, "tftp.yaml");
  expect(refusal).toThrow(/^tftp\.yaml:1: source: expected an object .*, got an? (string|array)$/);
});

test("a value that stands for itself is refused with a line of its own", () => {
  expect(() => parseConfig("allow: &a [*a]\n", "tftp.yaml")).toThrow("tftp.yaml:1: a value is nested too deeply");
});

test("of a source only what is known to be harmless is printed", () => {
  const secrets = {
    connection_string: "AccountKey=S1;",
    sas: "sig=S2",
    pin: 7777,
    endpoint: "https://user:S4@store.example:9000/boot?sig=S5#S6",
    unheard_of: "S7",
  };
  const text = formatConfig(resolveOptions({ source: { scheme: "azblob", container: "c", ok: true, ...secrets } }), {
    files: {},
  });
  expect(text).not.toMatch(/S\d|7777/);
  expect(text).toContain("container: c\n  ok: true\n");
  expect(text).toContain("endpoint: https://(hidden)@store.example:9000/(hidden)\n");
});

test("aliases that stand for each other a billion times are refused with their line, at once", () => {
  const lists = ["a: &a [x, x, x, x, x, x, x, x, x]"];
  for (const name of "bcdefghij") {
    const last = String.fromCodePoint(name.codePointAt(0)! - 1);
    lists.push(`  ${name}: &${name} [${Array.from({ length: 9 }, () => `*${last}`).join(", ")}]`);
  }
  const text = `port: 69\nsource:\n  ${lists.join("\n")}\n`;
  const started = performance.now();
  expect(() => parseConfig(text, "tftp.yaml")).toThrow(UsageError);
  expect(() => parseConfig(text, "tftp.yaml")).toThrow(/^tftp\.yaml:2: source: Excessive alias count/);
  expect(performance.now() - started).toBeLessThan(5_000);
});

test.each([
  ["text in quotes", (index: number) => `  pxelinux.cfg/01-${index}: "default ${index}"`],
  ["text in single quotes", (index: number) => `  'pxelinux.cfg/01-${index}': 'default ${index}'`],
  ["text without quotes", (index: number) => `  pxelinux.cfg/01-${index}: default ${index}`],
  ["lines that are kept", (index: number) => `  grub/${index}.cfg: |\n    default ${index}\n    timeout 1`],
  ["lines that are folded", (index: number) => `  grub/${index}.cfg: >-\n    default ${index}\n    timeout 1`],
])("files of the form of %s are read apart, each of them", (_, entry) => {
  const text = `files:\n${Array.from({ length: 100 }, (__, index) => entry(index)).join("\n")}\n`;
  const plain = readPlainFiles(text);
  expect(plain?.entries).toEqual([expect.objectContaining({ length: 100 })]);
  expect(plain?.rest).toBe(`files:\n  "${PLACEHOLDER} 0": ""`);
});

test("a file that is not of a simple form is left to the parser for all of YAML, and keeps its place", () => {
  const text = 'files:\n  a: "1"\n  # a comment\n  b/c: one\n    two\n\n  [x]: y\n  d: 2';
  expect(readPlainFiles(text)?.entries).toEqual([[["a", "1"]], undefined, undefined, undefined]);
  const files = parseConfig('files:\n  z: 1st\n  a: one\n    two\n  m: "3"\n', "tftp.yaml").files;
  expect(Object.entries(files)).toEqual([
    ["z", "1st"],
    ["a", "one two"],
    ["m", "3"],
  ]);
});

test("files that are read in the quick way have the same text as by the parser for all of YAML", () => {
  const name = fc.oneof(
    { weight: 4, arbitrary: fc.stringMatching(/^([a-z][a-z0-9./*]{1,5}|"[a-z0-9./ -]{1,5}"|'[a-z0-9./ -]{1,5}')$/) },
    fc.stringMatching(/^([A-Za-z0-9._/"'*: -]{1,9}|null|True)$/),
  );
  const simple = fc.string({ unit: fc.constantFrom("a", "b", " ", "#", ":", "é", "'", "-", "漢"), maxLength: 9 });
  const odd = fc.string({
    unit: fc.constantFrom("a", " ", "\\", "n", '"', "#", ":", "{", "\t", "'", "&", "\u2028", "\r"),
  });
  const content = fc.oneof({ weight: 3, arbitrary: simple }, odd);
  const value = fc.oneof(
    content,
    content.map((text) => JSON.stringify(text)),
    content.map((text) => `'${text.replaceAll("'", "''")}'`),
    content.map((text) => `a${text}`),
    fc.constantFrom("'a'b'", "null", "1"),
  );
  const below = fc.array(
    fc.oneof(
      { weight: 4, arbitrary: content.map((text) => `    ${text}`) },
      fc.constantFrom("", "    # d", "     x", "   # x", "\r", "    "),
    ),
    { maxLength: 4 },
  );
  const block = fc
    .tuple(fc.constantFrom("|", "|-", ">", ">-", "|", "|-", ">", ">-", "|+", ">2"), below)
    .map(([style, text]) => [style, ...text].join("\n"));
  const text = fc.oneof(
    { weight: 3, arbitrary: value },
    { weight: 3, arbitrary: block },
    fc.tuple(value, below).map(([first, more]) => [first, ...more].join("\n")),
  );
  const indentation = fc.oneof({ weight: 20, arbitrary: fc.constant("  ") }, fc.constantFrom("   ", " ", "    "));
  const entry = fc.tuple(indentation, name, text).map(([indent, key, words]) => `${indent}${key}: ${words}`);
  const other = fc.constantFrom("", "  ", "  # x", "# x", " # x", "   # x", "  [a]: b");
  const line = fc.oneof({ weight: 6, arbitrary: entry }, other);
  const before = fc.constantFrom(
    "",
    "",
    "",
    "port: 69\n",
    'host: "a\n',
    "root_dir: |\n",
    "root_dir: >\n  a\n",
    "%YAML 1.1\n---\n",
    "{\n",
  );
  const after = fc.constantFrom(
    "",
    "",
    "",
    "port: 70\n",
    '"\n',
    "files: {}\n",
    "---\nport: 69\n",
    "}\n",
    "# x\n",
    "\n\n",
  );
  fc.assert(
    fc.property(before, fc.array(line, { maxLength: 6 }), after, (first, lines, last) => {
      const body = lines.map((each) => `${each}\n`).join("");
      // With a space behind it, they are read by the parser.
      expect(outcomeOf(`${first}files:\n${body}${last}`)).toEqual(outcomeOf(`${first}files: \n${body}${last}`));
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ["files:\n  a: x\n  b: y\n  a: z", "tftp.yaml:4: a: Map keys must be unique"],
  ["host: 127.0.0.1\n\nroot_dirr: /x\n", "tftp.yaml:3: root_dirr: unknown key; did you mean root_dir?"],
  ["rootDir: /x", "tftp.yaml:1: rootDir: unknown key; did you mean root_dir?"],
  ["colour: red", "tftp.yaml:1: colour: unknown key; expected one of root_dir, host, port, "],
  [`${ENTRY}port: 69`, "tftp.yaml:2: port: expected under config, for this is an exporter entry: it has a type"],
  [`${ENTRY}config:\n  prot: 69`, "tftp.yaml:3: prot: unknown key; did you mean port?"],
  [`${ENTRY}config:\n  port: x`, "tftp.yaml:3: port: expected a whole number from 0 to 65535"],
  [`${ENTRY}config: [port]`, "tftp.yaml:2: config: expected lines of the form key: value"],
  [`${ENTRY}children: { a: {} }`, "tftp.yaml:2: children: expected none in an entry of Tftp"],
  ["type: x.Power", 'tftp.yaml:1: type: expected jumpstarter_driver_tftp.driver.Tftp, got "x.Power"'],
  ["logger: x", "tftp.yaml:1: logger: unknown key"],
  ["port: 69\nport: 70", "tftp.yaml:2: port: Map keys must be unique"],
  ["host: ''\nport: '69'", 'tftp.yaml:2: port: expected a whole number from 0 to 65535, got "69"'],
  ["ports: 0-9", 'tftp.yaml:1: ports: expected "own", "single", or a range of ports from 1 to 65535, such as { from'],
  ["port: 65536", "tftp.yaml:1: port: expected a whole number from 0 to 65535, got 65536"],
  ["port:", "tftp.yaml:1: port: expected a whole number from 0 to 65535, got null"],
  ["\nremove_created_on_close: yes", 'tftp.yaml:2: remove_created_on_close: expected true or false, got "yes"'],
  ["symlinks: [inside]", 'tftp.yaml:1: symlinks: expected "inside" or "follow" or "deny", got '],
  ["max_block_size: 7", 'tftp.yaml:1: max_block_size: expected a whole number from 8 to 65464, or "mtu", got 7'],
  ["port: 70\ncache_dir: /x", "tftp.yaml:2: cache_dir: expected only together with source"],
  ["\nallow: [10.0.0.0/33]", "tftp.yaml:2: allow: expected an array of addresses and CIDR ranges"],
  ["files: hello.txt", "tftp.yaml:1: files: expected names and their text"],
  ["files:\n  a: text\n  b: 5", "tftp.yaml:3: files: b: expected text"],
  ["- port: 69", "tftp.yaml:1: expected lines of the form key: value"],
  ["port: 69\n  host: x", "tftp.yaml:1: Nested mappings are not allowed"],
  ["port: [69", "tftp.yaml:1: "],
])("%j is refused with its line", (text, message) => {
  const refusal = (): unknown => parseConfig(text, "tftp.yaml");
  expect(refusal).toThrow(UsageError);
  expect(refusal).toThrow(message);
});

function outcomeOf(text: string): unknown {
  try {
    return parseConfig(text, "tftp.yaml");
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

test("rules have underscores in their keys, and a map file starts at the directory of the file", () => {
  const text = "rules:\n  - { match: '*.EFI', case_insensitive: true, cut_at: '?' }\n";
  const { options } = parseConfig(text, "/etc/tftp.yaml");
  expect(options.rules).toEqual([{ match: "*.EFI", caseInsensitive: true, cutAt: "?" }]);
  expect(formatConfig(resolveOptions(options), { files: {} })).toContain("case_insensitive: true");
  expect(() => parseConfig("rules:\n  tftpd_hpa_map: no such map\n", "/etc/tftp.yaml")).toThrow(
    "/etc/tftp.yaml:1: rules.tftpd_hpa_map: expected the path of a map file; ENOENT: no such file or directory, open '/etc/no such map'",
  );
});

test("an error in a rule has the line of the rules, and its place", () => {
  const text = "port: 0\nrules:\n  - match: '*'\n  - match: '*'\n    case_insensitive: maybe\n";
  expect(() => parseConfig(text, "t.yaml")).toThrow(
    't.yaml:2: rules[1].case_insensitive: expected true or false, got "maybe"',
  );
});
