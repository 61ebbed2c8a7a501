import { createRequire } from "node:module";
import type { Endpoint } from "../../src/contract/endpoint.ts";

export interface NpmTftpOptions {
  readonly windowSize?: number;
  /** Bytes. */
  readonly blockSize?: number;
}

/** What these tests use of the `tftp` package, which ships no types. */
interface NpmTftp {
  createClient(options: NpmTftpOptions & { host: string; port: number }): {
    get(remote: string, local: string, done: (error?: Error) => void): void;
  };
}
const npmTftp = createRequire(import.meta.url)("tftp") as NpmTftp;

/** Fetches a file by the client of npm `tftp`; it asks for blksize timeout=3000 windowsize rollover=0 tsize=0. */
export function fetchByNpmTftp(
  { address: host, port }: Endpoint,
  remote: string,
  local: string,
  options: NpmTftpOptions,
): Promise<void> {
  return new Promise((resolve, reject) => {
    npmTftp.createClient({ host, port, ...options }).get(remote, local, (error) => (error ? reject(error) : resolve()));
  });
}
