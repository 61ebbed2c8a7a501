import { describe, expect, test } from "vitest";
import { type Arguments, ClientBench, sizes, testDownloads } from "../helpers/client-downloads.ts";
import { isAbsent, run } from "../helpers/client-programs.ts";

// It asks for tsize=0, or blksize=N tsize=0; its request must fit into a block.
describe.skipIf(isAbsent("busybox"))("busybox tftp", () => {
  const bench = new ClientBench();
  describe("as it is", () => {
    testDownloads(bench, "busybox", getting(), sizes);
  });

  describe.each([64, 512, 1_468, 65_464])("-b %i", (blockSize) => {
    const some = blockSize === 64 ? [0, 1, 511, 512, 513] : sizes;
    testDownloads(bench, "busybox", getting("-b", `${blockSize}`), some);
  });

  test("a missing file is reported as such by busybox tftp", async () => {
    const { code, output } = await run("busybox", getting()(bench.wellKnown, "missing.bin", bench.target()));
    expect([code, output]).toEqual([1, expect.stringContaining("File not found")]);
  });
});

function getting(...flags: readonly string[]): Arguments {
  return ({ address, port }, remote, local) => ["tftp", "-g", ...flags, "-r", remote, "-l", local, address, `${port}`];
}
