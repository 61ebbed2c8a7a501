import type { IncomingMessage } from "node:http";

/** The response to a request that is refused. */
export interface HttpRefusal {
  readonly status: number;
  readonly text: string;
  readonly headers?: Record<string, string>;
}

/**
 * The host names that a browser on this machine, or at the end of a tunnel, uses. Any other name means DNS rebinding: a
 * foreign site resolves its own name to this machine, in order to read this page.
 */
const local = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i;

/** Why the request is refused; undefined if it may be answered. */
export function refusalOf({ method, headers }: IncomingMessage): HttpRefusal | undefined {
  if (!local.test(headers.host ?? "")) return { status: 421, text: "expected 127.0.0.1 or localhost as the host" };
  if (method !== "GET") return { status: 405, text: "expected the method GET", headers: { Allow: "GET" } };
  return undefined;
}
