import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { ClientBench, expectSameContent, nameOf, sizes, wrappingSize } from "../helpers/client-downloads.ts";

/** What these tests use of the `tftp` package, which ships no types. */
interface NpmTftp {
  createClient(options: { host: string; port: number; blockSize?: number; windowSize?: number }): {
    get(remote: string, local: string, done: (error?: Error) => void): void;
  };
}
const npmTftp = createRequire(import.meta.url)("tftp") as NpmTftp;

// It asks for blksize timeout=3000 windowsize rollover=0 tsize=0.
describe("npm tftp", () => {
  const bench = new ClientBench();

  describe.each([1, 4, 16])("windowSize %i", (windowSize) => {
    test.each([...sizes, wrappingSize])("%i bytes arrive at npm tftp with the same SHA-256", async (size) => {
      await expectFetched(size, { windowSize });
    });
  });

  // Not in windows: there this client, version 0.1.2, never recovers from a datagram lost where the numbers wrap.
  test("block numbers of 512-byte blocks wrap for npm tftp", async () => {
    await expect(expectFetched(wrappingSize, { windowSize: 1, blockSize: 512 })).resolves.toBeUndefined();
  });

  test("a missing file is reported as such by npm tftp", async () => {
    await expect(get("missing.bin", bench.target(), {})).rejects.toThrow("File not found");
  });

  async function expectFetched(size: number, options: { windowSize: number; blockSize?: number }): Promise<void> {
    const local = bench.target();
    await get(nameOf(size), local, options);
    expectSameContent(local, size);
  }

  function get(remote: string, local: string, options: { windowSize?: number; blockSize?: number }): Promise<void> {
    const { address: host, port } = bench.wellKnown;
    return new Promise((resolve, reject) => {
      npmTftp
        .createClient({ host, port, ...options })
        .get(remote, local, (error) => (error ? reject(error) : resolve()));
    });
  }
});
