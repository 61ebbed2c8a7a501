import type { IncomingMessage } from "node:http";

/** How a request is turned away. */
export interface HttpRefusal {
  readonly status: number;
  readonly text: string;
  readonly headers?: Record<string, string>;
}

/**
 * The names under which a browser on this machine, or at the end of a tunnel, may ask. Any other name was made to lead
 * here (DNS rebinding), so that a stranger's page could read this one.
 */
const local = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i;

/** Undefined where the request may be answered. */
export function refusalOf({ method, headers }: IncomingMessage): HttpRefusal | undefined {
  if (!local.test(headers.host ?? "")) return { status: 421, text: "expected 127.0.0.1 or localhost as the host" };
  if (method !== "GET") return { status: 405, text: "expected the method GET", headers: { Allow: "GET" } };
  return undefined;
}
