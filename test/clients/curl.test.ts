import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Arguments, ClientBench, sizes, testDownloads } from "../helpers/client-downloads.ts";
import { isAbsent, run } from "../helpers/client-programs.ts";

describe.skipIf(isAbsent("curl"))("curl", () => {
  const bench = new ClientBench();
  const notEmpty = sizes.filter((size) => size > 0);

  // It asks for tsize=0 blksize=512 timeout=6.
  describe("as it is", () => {
    testDownloads(bench, "curl", fetching(), notEmpty);
  });

  describe.each([8, 1_468, 8_192, 65_464])("--tftp-blksize %i", (blockSize) => {
    const some = blockSize === 8 ? [1, 511, 512, 513] : notEmpty;
    testDownloads(bench, "curl", fetching("--tftp-blksize", `${blockSize}`), some);
  });

  describe("--tftp-no-options", () => {
    testDownloads(bench, "curl", fetching("--tftp-no-options"), sizes);
  });

  // curl 7.88 takes tsize=0 in the OACK for an invalid answer, whatever the server; others write the empty file.
  test("an empty file with options is an empty file to curl, or its known error 71", async () => {
    const local = bench.target();
    const { code } = await run("curl", fetching()(bench.wellKnown, "0.bin", local));
    expect([0, 71]).toContain(code);
    expect(existsSync(local) ? readFileSync(local).length : 0).toBe(0);
  });

  test("a missing file is curl's error 68, not found", async () => {
    const { code } = await run("curl", fetching()(bench.wellKnown, "missing.bin", bench.target()));
    expect(code).toBe(68);
  });

  test("a name outside the root is curl's error 69, no permission", async () => {
    const { code } = await run("curl", fetching("--path-as-is")(bench.wellKnown, "../passwd", bench.target()));
    expect(code).toBe(69);
  });

  test("an upload by curl is refused", async () => {
    const { address, port } = bench.wellKnown;
    const { code } = await run("curl", ["-sS", "-T", import.meta.filename, `tftp://${address}:${port}/new.bin`]);
    expect(code).toBe(69);
    expect(existsSync(`${bench.server.root}/new.bin`)).toBe(false);
  });
});

function fetching(...flags: readonly string[]): Arguments {
  return ({ address, port }, remote, local) => ["-sS", ...flags, `tftp://${address}:${port}/${remote}`, "-o", local];
}
