import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Activity } from "../status/activity/activity.ts";
import { createGuardedServer } from "../shared/network/guarded-http.ts";
import { listenTcp } from "../shared/network/listen-tcp.ts";
import { SseBroadcaster } from "./sse-broadcaster.ts";
import { PageUpdates } from "./page-updates.ts";
import { loadPage, type PageFile } from "./page-files.ts";

/** This machine only. From another one it takes a tunnel, and so an account on this machine. */
const HOST = "127.0.0.1";

/** Browsers, and the connections that each of them opens besides its event stream. */
const MAX_CONNECTIONS = 64;

/** Sent with every response. The page loads nothing from another site, and no other site may read it. */
const HEADERS = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "Cache-Control": "no-store",
} as const;

/** The dashboard's HTTP server. */
export interface UiServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves the dashboard, and its updates as server-sent events.
 * @param port TCP, 0 for any free one.
 * @throws {Error} if the port cannot be bound; the message names it.
 */
export async function openUiServer(activity: Activity, port: number): Promise<UiServer> {
  const page = await loadPage();
  const broadcaster = new SseBroadcaster();
  const updates = new PageUpdates(activity, broadcaster);
  const guard = { host: HOST, methods: ["GET"], maxConnections: MAX_CONNECTIONS };
  const server = createGuardedServer(guard, (request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    if (pathOf(request) === "/events") return updates.admit(response);
    send(response, page.get(pathOf(request)));
  });
  const url = await listenTcp(server, { host: HOST, port }, "--open-ui");
  return {
    url,
    close: async () => {
      updates.close();
      const closed = once(server, "close");
      server.close();
      // Streams get their last update before they end; idle connections are closed at once.
      broadcaster.end();
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), 200).unref();
      await closed;
    },
  };
}

function pathOf({ url = "/" }: IncomingMessage): string {
  return url.split("?", 1)[0] as string;
}

function send(response: ServerResponse, file: PageFile | undefined): void {
  if (!file) {
    response.writeHead(404, { "Content-Type": "text/plain; charset=utf-8" });
    response.end("not found\n");
    return;
  }
  response.writeHead(200, { "Content-Type": file.type, "Content-Length": file.bytes.length });
  response.end(file.bytes);
}
