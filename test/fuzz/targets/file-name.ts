import { Refused } from "../../../src/worker/content/content.ts";
import { parseFileName } from "../../../src/worker/content/file-name.ts";
import { assert } from "../assert.ts";

const SLASH = 0x2f;

/** Any bytes as a name: refused, or parted so that no part leads anywhere but down. */
export function fuzz(data: Uint8Array): void {
  try {
    const name = parseFileName(data);
    assert(name.parts.length > 0, "a name has a part");
    for (const part of [...name.parts, ...(name.alternative?.parts ?? [])]) {
      assert(
        part.length > 0 && !part.includes(SLASH) && !part.includes(0),
        "a part is not empty, without slash or NUL",
      );
      const text = Buffer.from(part).toString("latin1");
      assert(text !== "." && text !== "..", "no part leads up");
    }
    assert(!/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name.text), "nothing in a name steers a terminal");
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
  }
}
