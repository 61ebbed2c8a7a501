import { fstatSync } from "node:fs";
import { TftpError } from "../../contract/errors.ts";

/**
 * The socket of the option `socketFd`. Its number may stand for another file by the next start, if the host has closed it:
 * the device and inode tell them apart.
 */
export class InheritedSocket {
  readonly #descriptor: number;
  readonly #identity: string;

  /** @throws {TftpError} INVALID_OPTION if it is no open socket. */
  constructor(descriptor: number) {
    this.#descriptor = descriptor;
    const identity = identify(descriptor);
    if (identity === undefined) {
      throw new TftpError("INVALID_OPTION", `socketFd: expected the descriptor of an open socket, got ${descriptor}`);
    }
    this.#identity = identity;
  }

  /** @throws {TftpError} START_FAILED if it is not open any more. */
  assertOpen(): void {
    if (identify(this.#descriptor) === this.#identity) return;
    throw new TftpError("START_FAILED", `the socket of socketFd, descriptor ${this.#descriptor}, is not open any more`);
  }
}

function identify(descriptor: number): string | undefined {
  try {
    const stats = fstatSync(descriptor);
    return stats.isSocket() ? `${stats.dev}:${stats.ino}` : undefined;
  } catch {
    return undefined;
  }
}
