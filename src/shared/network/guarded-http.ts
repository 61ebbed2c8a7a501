import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { isLoopback } from "./loopback.ts";

/** What the HTTP servers of the page and the metrics are bound to, and what they may take of this process. */
export interface HttpGuard {
  /** The address that is bound, or its name. On a loopback address only a local Host is answered. */
  readonly host: string;
  readonly methods: readonly string[];
  /** Connections at once: each takes a descriptor, and the boards need them too. More are closed at once. */
  readonly maxConnections: number;
  /** In ms. A shorter one than the default is for tests. @default HEADERS_TIMEOUT_MS */
  readonly headersTimeoutMs?: number;
}

/** How a request is turned away. */
interface HttpRefusal {
  readonly status: number;
  readonly text: string;
  readonly headers?: Record<string, string>;
}

/** A connection that has not sent the headers of its first request by then is closed, in ms. */
export const HEADERS_TIMEOUT_MS = 5_000;

/**
 * The host names that a browser on this machine, or at the end of a tunnel, uses. Any other name means DNS rebinding: a
 * foreign site resolves its own name to this machine, in order to read this page.
 */
const local = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i;

/**
 * An HTTP server whose clients can take neither its connections nor this process's descriptors. A connection has one
 * request at a time: the first 64 KiB of a client that sends on and reads nothing would be a thousand answers in memory.
 */
export function createGuardedServer(
  guard: HttpGuard,
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const headersTimeout = guard.headersTimeoutMs ?? HEADERS_TIMEOUT_MS;
  const answering = new WeakSet<Socket>();
  const server = createServer(
    {
      maxHeaderSize: 8_192,
      headersTimeout,
      requestTimeout: 10_000,
      keepAliveTimeout: 5_000,
      // How often the limits above are looked at. It is no work while there is no connection.
      connectionsCheckingInterval: Math.min(1_000, headersTimeout),
      // A browser that has vanished without a word is noticed by the system.
      keepAlive: true,
      keepAliveInitialDelay: 30_000,
    },
    (request, response) => {
      const { socket } = request;
      if (answering.has(socket)) return void socket.destroy();
      answering.add(socket);
      response.once("close", () => answering.delete(socket));
      const refusal = refusalOf(request, guard);
      if (!refusal) return onRequest(request, response);
      const { status, text, headers } = refusal;
      // Its body, if it has one, is not read.
      response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8", Connection: "close", ...headers });
      response.end(`${text}\n`);
    },
  );
  server.maxConnections = guard.maxConnections;
  server.maxHeadersCount = 64;
  server.maxRequestsPerSocket = 1_000;
  return server;
}

/** Undefined if the request may be answered. */
function refusalOf({ method = "", headers }: IncomingMessage, guard: HttpGuard): HttpRefusal | undefined {
  if ((guard.host === "localhost" || isLoopback(guard.host)) && !isLocal(headers.host ?? "", guard.host)) {
    return { status: 421, text: "expected 127.0.0.1 or localhost as the host" };
  }
  if (guard.methods.includes(method)) return undefined;
  const allowed = guard.methods.join(", ");
  return { status: 405, text: `expected the method ${allowed.replace(", ", " or ")}`, headers: { Allow: allowed } };
}

/** Whether the header Host names this machine, or the address that is bound, such as 127.0.0.2. */
function isLocal(named: string, bound: string): boolean {
  return local.test(named) || named.replace(/:\d{1,5}$/, "") === bound;
}
