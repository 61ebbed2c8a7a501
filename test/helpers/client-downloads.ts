import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Endpoint } from "../../src/contract/endpoint.ts";
import { run } from "./client-programs.ts";
import { noise, sha256 } from "./raw-content.ts";
import { TestServer } from "./raw-server.ts";
import { usualTransport } from "./raw-transports.ts";

const kibi = 1_024;

/** What every client fetches: nothing, the borders of a block of 512 bytes, and more than one chunk of read-ahead. */
export const sizes: readonly number[] = [0, 1, 511, 512, 513, kibi * kibi];

/** 81920 blocks of 512 bytes: their numbers wrap. */
export const wrappingSize: number = 40 * kibi * kibi;

const digests = new Map<number, string>();

/** A server with a file of each size, and a directory for what clients fetch. */
export class ClientBench {
  readonly server: TestServer = new TestServer({ retransmitMs: 1_000, transport: usualTransport() });
  #directory = "";
  #count = 0;

  constructor(of: readonly number[] = sizes) {
    beforeAll(async () => {
      this.#directory = mkdtempSync(join(tmpdir(), "tftp-client-"));
      for (const size of of) {
        const content = noise(size);
        digests.set(size, sha256(content));
        this.server.write({ [nameOf(size)]: content });
      }
      await this.server.start();
    });
    afterAll(async () => {
      await this.server.close();
      rmSync(this.#directory, { recursive: true, force: true });
    });
  }

  get wellKnown(): Endpoint {
    return this.server.wellKnown;
  }

  /** A path that no download has used before. */
  target(): string {
    return join(this.#directory, `${++this.#count}`);
  }
}

export function nameOf(size: number): string {
  return `${size}.bin`;
}

/** Arguments of a client that fetches `remote` from the well-known port into the file `local`. */
export type Arguments = (wellKnown: Endpoint, remote: string, local: string) => readonly string[];

/** One test for each size: the client exits with 0, and the file has the digest of the original. */
export function testDownloads(
  bench: ClientBench,
  program: string,
  args: Arguments,
  of: readonly number[] = sizes,
): void {
  test.each(of)("%i bytes arrive with the same SHA-256", async (size) => {
    const local = bench.target();
    const { code, output } = await run(program, args(bench.wellKnown, nameOf(size), local), 80_000);
    expect(code, output).toBe(0);
    expectSameContent(local, size);
  });
}

export function expectSameContent(local: string, size: number): void {
  const content = readFileSync(local);
  expect([content.length, sha256(content)]).toEqual([size, digests.get(size)]);
}
