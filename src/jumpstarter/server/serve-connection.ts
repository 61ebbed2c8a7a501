import type { Duplex } from "node:stream";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { Handlers } from "../session/handlers.ts";
import type { Passphrase } from "../session/passphrase.ts";
import type { Session } from "../session/session.ts";
import { exporterService, routerService } from "../wire/services.ts";

const OPTIONS = {
  // Frames have 64 KiB; arguments and results are small.
  "grpc.max_receive_message_length": 1024 * 1024,
  "grpc.max_concurrent_streams": 256,
  // A client whose machine has vanished is noticed, and what it had open is given up.
  "grpc.keepalive_time_ms": 30_000,
  "grpc.keepalive_timeout_ms": 30_000,
  "grpc.enable_channelz": 0,
} as const;

/**
 * Serves one client on a connection, which is a socket, or the byte stream of a router. A server for each: what a
 * client has open ends with its own connection, and grpc-js does not say from which connection a call comes.
 */
export function serveConnection(connection: Duplex, session: Session, passphrase?: Passphrase): void {
  const closed = new AbortController();
  const handlers = new Handlers(session, { closed: closed.signal }, passphrase);
  const server = new Server(OPTIONS);
  server.addService(exporterService, handlers.exporter);
  server.addService(routerService, handlers.router);
  connection.on("error", () => {});
  connection.once("close", () => {
    closed.abort();
    server.forceShutdown();
  });
  server.createConnectionInjector(ServerCredentials.createInsecure()).injectConnection(connection);
}
