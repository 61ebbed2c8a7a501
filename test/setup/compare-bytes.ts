// Vitest's setup file: the bytes of two buffers are compared at once. Vitest looks at them one by one: a millisecond of
// work for each block of 512 bytes, half a second for 150 KB.
import { expect } from "vitest";

const known = Symbol.for("tftp-driver tests: bytes are compared");
const here = globalThis as { [known]?: true };

// Once for each process: files that share one come here in turn.
if (!here[known]) {
  here[known] = true;
  expect.addEqualityTesters([equalBytes]);
}

/** Undefined if vitest is to decide: for all but two arrays of bytes of one class. */
function equalBytes(one: unknown, other: unknown): boolean | undefined {
  if (!(one instanceof Uint8Array && other instanceof Uint8Array)) return undefined;
  return one.constructor === other.constructor ? Buffer.compare(one, other) === 0 : undefined;
}
