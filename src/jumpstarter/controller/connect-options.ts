import { ChannelCredentials } from "@grpc/grpc-js";
import { TftpError } from "../../contract/errors.ts";
import { showValue } from "../../contract/text/show-value.ts";
import type { Hooks } from "../hooks/hook-options.ts";

/** How the controller's and the router's certificates are verified. */
export interface ControllerTls {
  /** The authorities that are trusted, as PEM. Default: those of Node. */
  readonly ca?: string | Buffer | undefined;
  /** Take any certificate: a host on the way can read and change everything, the token too. Default false. */
  readonly insecure?: boolean | undefined;
}

/** The options of `exporter.connect()`. */
export interface ConnectOptions {
  /** Of the controller: "HOST:PORT". Always by TLS. */
  readonly endpoint: string;
  /** The exporter's token, which is in no log and no event. */
  readonly token: string;
  /** Of the exporter in Kubernetes. */
  readonly namespace: string;
  readonly name: string;
  readonly tls?: ControllerTls | undefined;
  /** Scripts at the borders of each lease. Default: none. */
  readonly hooks?: Hooks | undefined;
}

export type ControllerIdentity = Pick<ConnectOptions, "endpoint" | "token" | "namespace" | "name">;

/** @throws {TftpError} INVALID_OPTION */
export function checkIdentity({ endpoint, token, namespace, name }: ConnectOptions): ControllerIdentity {
  if (typeof endpoint !== "string" || !/^[^/\s]+:\d{1,5}$/.test(endpoint)) {
    throw new TftpError("INVALID_OPTION", `endpoint: expected HOST:PORT, got ${showValue(endpoint)}`);
  }
  for (const [what, text] of Object.entries({ namespace, name })) {
    if (typeof text === "string" && /^[\x21-\x7e]+$/.test(text)) continue;
    throw new TftpError("INVALID_OPTION", `${what}: expected the exporter's ${what}, got ${showValue(text)}`);
  }
  if (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token)) {
    throw new TftpError("INVALID_OPTION", "token: expected printable ASCII characters without spaces");
  }
  return { endpoint, token, namespace, name };
}

/** @throws {TftpError} INVALID_OPTION */
export function credentialsFor({ ca, insecure }: ControllerTls = {}): ChannelCredentials {
  try {
    if (!insecure) return ChannelCredentials.createSsl(ca === undefined ? null : Buffer.from(ca as string));
    const unverified = { rejectUnauthorized: false, checkServerIdentity: () => undefined };
    return ChannelCredentials.createSsl(null, null, null, unverified);
  } catch (error) {
    throw new TftpError("INVALID_OPTION", `tls: ${(error as Error).message}`, { cause: error });
  }
}
