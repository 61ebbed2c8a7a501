import { createHash, timingSafeEqual } from "node:crypto";
import type { Metadata } from "@grpc/grpc-js";

const HEADER = "x-jumpstarter-passphrase";

/** Admits the calls that carry the passphrase. It takes the same time however much of it is right. */
export class Passphrase {
  readonly #digest: Buffer;

  constructor(passphrase: string) {
    this.#digest = digest(passphrase);
  }

  admits(metadata: Metadata): boolean {
    const given = metadata.get(HEADER);
    return given.length === 1 && timingSafeEqual(digest(String(given[0])), this.#digest);
  }
}

/** Of one length, whatever was sent. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text, "utf8").digest();
}
