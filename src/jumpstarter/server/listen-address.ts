import { isIPv6 } from "node:net";
import { TftpError } from "../../contract/errors.ts";
import { showValue } from "../../contract/text/show-value.ts";

/** Where an exporter listens. */
export type ListenAddress =
  | { readonly path: string }
  | { readonly host: string; /** 0 takes any free one. */ readonly port: number };

/**
 * "unix:/PATH" or "[HOST:]PORT"; without a host it is the loopback interface.
 * @throws {TftpError} INVALID_OPTION
 */
export function parseListenAddress(address: string): ListenAddress {
  const path = /^unix:(?:\/\/(?=\/))?(.+)$/s.exec(address)?.[1];
  if (path !== undefined && !path.includes("\0")) return { path };
  const [, bracketed, plain, port] = /^(?:(?:\[([0-9a-f.:%\w]+)\]|([\w.-]+))?:)?(\d{1,5})$/i.exec(address) ?? [];
  if (port !== undefined && Number(port) <= 65_535) {
    return { host: bracketed ?? plain ?? "127.0.0.1", port: Number(port) };
  }
  throw new TftpError("INVALID_OPTION", `address: expected unix:/PATH or [HOST:]PORT, got ${showValue(address)}`);
}

export function formatAddress(address: ListenAddress): string {
  if ("path" in address) return `unix:${address.path}`;
  return `${isIPv6(address.host) ? `[${address.host}]` : address.host}:${address.port}`;
}
