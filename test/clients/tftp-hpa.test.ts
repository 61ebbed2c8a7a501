import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Arguments, ClientBench, sizes, testDownloads } from "../helpers/client-downloads.ts";
import { isAbsent, run } from "../helpers/client-programs.ts";

// Its `get` sends no options.
describe.skipIf(isAbsent("tftp"))("tftp-hpa", () => {
  const bench = new ClientBench();
  describe("-m octet", () => {
    testDownloads(bench, "tftp", getting("octet"), sizes);
  });

  // It turns CR LF and CR NUL back, so that the digest is the one of the original.
  describe("-m netascii", () => {
    testDownloads(bench, "tftp", getting("netascii"), sizes);
  });

  test("a text fetched by -m netascii has its own line ends again", async () => {
    const text = "unix\nlines\n\nbare \r CR\r\nand CR LF\r\n".repeat(2_000);
    bench.server.write({ "text.txt": text });
    const local = bench.target();
    await run("tftp", getting("netascii")(bench.wellKnown, "text.txt", local));
    expect(readFileSync(local, "latin1") === text).toBe(true);
  });

  test("a missing file is reported as such by tftp-hpa", async () => {
    const { output } = await run("tftp", getting("octet")(bench.wellKnown, "missing.bin", bench.target()));
    expect(output).toContain("Error code 1: File not found");
  });
});

function getting(mode: "octet" | "netascii"): Arguments {
  return ({ address, port }, remote, local) => ["-m", mode, address, `${port}`, "-c", "get", remote, local];
}
