import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Registry } from "prom-client";
import { createGuardedServer } from "../../shared/network/guarded-http.ts";
import { listenTcp, type TcpAddress } from "../../shared/network/listen-tcp.ts";
import type { Tftp } from "../../main/tftp.ts";

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** What is measured. */
export interface Measured {
  readonly collect: (registry: Registry) => Promise<void>;
  /** Resolves with what a probe gets to see; rejects with why it is not healthy. */
  readonly health: () => Promise<object>;
}

/** A few Prometheus servers and probes. */
const MAX_CONNECTIONS = 32;

type Page = () => Promise<Answer>;

/** An HTTP server with two pages: `/metrics` for Prometheus, and `/healthz`, which answers a probe with 200 or 503. */
export class MetricsServer {
  /** The URL of its root, with a `/` at the end. */
  readonly url: string;
  readonly #server: Server;

  /** @throws {Error} if prom-client is missing or the address cannot be bound; the message is one line. */
  static async start({ collect, health }: Measured, at: TcpAddress): Promise<MetricsServer> {
    const registry = await openRegistry(collect);
    const pages: Readonly<Record<string, Page>> = {
      "/metrics": joined(async () => ({ status: 200, type: registry.contentType, body: await registry.metrics() })),
      "/healthz": joined(() => answerHealth(health)),
    };
    const guard = { host: at.host, methods: ["GET", "HEAD"], maxConnections: MAX_CONNECTIONS };
    const server = createGuardedServer(guard, (request, response) => void serve(request, response, pages));
    return new MetricsServer(server, await listenTcp(server, at, "--metrics-port"));
  }

  private constructor(server: Server, url: string) {
    this.url = url;
    this.#server = server;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

/** A driver, as its metrics and its health are asked for. */
export function measuredServer(tftp: Tftp): Measured {
  return {
    collect: async (registry) => {
      const { collectMetrics } = await import("../../metrics/collect-metrics.ts");
      collectMetrics(tftp, { registry });
    },
    health: async () => ({ latencyMs: (await tftp.probe()).latencyMs }),
  };
}

async function openRegistry(collect: Measured["collect"]): Promise<Registry> {
  try {
    const client = await import("prom-client");
    const registry = new client.Registry();
    await collect(registry);
    return registry;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new Error("--metrics-port needs the package prom-client: npm install prom-client", { cause: error });
  }
}

async function answerHealth(health: Measured["health"]): Promise<Answer> {
  const type = "application/json";
  try {
    return { status: 200, type, body: `${JSON.stringify({ healthy: true, ...(await health()) })}\n` };
  } catch (error) {
    return { status: 503, type, body: `${JSON.stringify({ healthy: false, reason: (error as Error).message })}\n` };
  }
}

/** Shares one answer among all requests that arrive while it is made. */
function joined(page: Page): Page {
  let current: Promise<Answer> | undefined;
  return () => (current ??= page().finally(() => (current = undefined)));
}

async function serve(
  { method = "", url = "" }: IncomingMessage,
  response: ServerResponse,
  pages: Readonly<Record<string, Page>>,
): Promise<void> {
  const { status, type, body } = await answer(url.replace(/\?.*/, ""), pages);
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
  response.end(method === "HEAD" ? undefined : body);
}

async function answer(path: string, pages: Readonly<Record<string, Page>>): Promise<Answer> {
  const type = "text/plain";
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  if (!page) return { status: 404, type, body: `not found; try ${Object.keys(pages).join(" or ")}\n` };
  return page().catch((error: Error) => ({ status: 500, type, body: `${error.message}\n` }));
}
