import { describe, expect, test } from "vitest";
import { type Arguments, ClientBench, sizes, testDownloads } from "../helpers/client-downloads.ts";
import { isAbsent, run } from "../helpers/client-programs.ts";

describe.skipIf(isAbsent("atftp"))("atftp", () => {
  const bench = new ClientBench();
  describe("without options", () => {
    testDownloads(bench, "atftp", getting(), sizes);
  });

  describe.each([
    ["blksize 1468", ["blksize 1468"]],
    ["blksize 65464", ["blksize 65464"]],
    ["windowsize 8", ["windowsize 8"]],
    ["tsize", ["tsize"]],
    ["timeout 3", ["timeout 3"]],
    ["all four", ["tsize", "timeout 3", "blksize 1468", "windowsize 16"]],
  ] as const)("--option %s", (_, options) => {
    testDownloads(bench, "atftp", getting(...options), sizes);
  });

  test("a missing file is reported as such by atftp", async () => {
    const { code, output } = await run("atftp", getting()(bench.wellKnown, "missing.bin", bench.target()));
    expect([code, output]).toEqual([255, expect.stringContaining("File not found")]);
  });
});

function getting(...options: readonly string[]): Arguments {
  const flags = options.flatMap((option) => ["--option", option]);
  return ({ address, port }, remote, local) => {
    const names = ["--remote-file", remote, "--local-file", local];
    return [...flags, "--get", ...names, address, `${port}`];
  };
}
