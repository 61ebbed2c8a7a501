import { describe, expect, test } from "vitest";
import { ClientBench, expectSameContent, nameOf, sizes } from "../helpers/client-downloads.ts";
import { fetchByNpmTftp } from "../helpers/npm-tftp.ts";

describe("npm tftp", () => {
  const bench = new ClientBench();

  describe.each([1, 4, 16])("windowSize %i", (windowSize) => {
    test.each(sizes)("%i bytes arrive at npm tftp with the same SHA-256", async (size) => {
      const local = bench.target();
      await fetchByNpmTftp(bench.wellKnown, nameOf(size), local, { windowSize });
      expectSameContent(local, size);
    });
  });

  test("a missing file is reported as such by npm tftp", async () => {
    await expect(fetchByNpmTftp(bench.wellKnown, "missing.bin", bench.target(), {})).rejects.toThrow("File not found");
  });
});
