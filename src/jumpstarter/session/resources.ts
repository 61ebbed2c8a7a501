import { randomUUID } from "node:crypto";
import { type ByteStream, CallFailure } from "../drivers/driver-export.ts";
import type { Json } from "../wire/value.ts";

/** Byte streams that wait for their call, at once, in one connection. */
const MAX_WAITING = 64;

interface Waiting {
  readonly stream: ByteStream;
  readonly driver: string;
}

/** The byte streams that a client has opened and no call has taken. A handle names one in the arguments of a call. */
export class Resources {
  readonly #waiting = new Map<string, Waiting>();

  /**
   * Returns the handle's uuid.
   * @throws {CallFailure} RESOURCE_EXHAUSTED
   */
  add(stream: ByteStream, driver: string): string {
    if (this.#waiting.size >= MAX_WAITING) {
      throw new CallFailure("RESOURCE_EXHAUSTED", `expected at most ${MAX_WAITING} streams that wait for their call`);
    }
    const uuid = randomUUID();
    this.#waiting.set(uuid, { stream, driver });
    return uuid;
  }

  remove(uuid: string): void {
    this.#waiting.delete(uuid);
  }

  /**
   * The stream that the handle names; it can be taken once.
   * @throws {CallFailure} INVALID_ARGUMENT
   */
  take(handle: Json | undefined, driver: string): ByteStream {
    const { kind, uuid, x_jmp_content_encoding: encoding } = fieldsOf(handle);
    if (kind !== "client_stream" || typeof uuid !== "string") throw invalid("expected the handle of a stream");
    // We offer no encoding, so that clients decompress by themselves.
    if (encoding !== undefined && encoding !== null && encoding !== "") throw invalid("expected no content encoding");
    const waiting = this.#waiting.get(uuid);
    if (waiting?.driver !== driver) throw invalid("there is no such stream, or it was used already");
    this.#waiting.delete(uuid);
    return waiting.stream;
  }
}

export function fieldsOf(handle: Json | undefined): { readonly [name: string]: Json | undefined } {
  return typeof handle === "object" && handle !== null && !Array.isArray(handle)
    ? (handle as { readonly [name: string]: Json })
    : {};
}

function invalid(message: string): CallFailure {
  return new CallFailure("INVALID_ARGUMENT", `handle: ${message}`);
}
