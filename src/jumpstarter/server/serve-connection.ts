import { setMaxListeners } from "node:events";
import type { Duplex } from "node:stream";
import {
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from "@grpc/grpc-js";
import { Handlers } from "../session/handlers.ts";
import type { Passphrase } from "../session/passphrase.ts";
import type { Session } from "../session/session.ts";
import { status } from "../session/call-status.ts";
import { widenWindows } from "./flow-control.ts";
import { exporterService, routerService } from "../wire/services.ts";

const OPTIONS = {
  // Frames have 64 KiB; arguments are small.
  "grpc.max_receive_message_length": 256 * 1024,
  "grpc.max_concurrent_streams": 256,
  // A client whose machine has vanished is noticed, and what it had open is given up.
  "grpc.keepalive_time_ms": 30_000,
  "grpc.keepalive_timeout_ms": 30_000,
  "grpc.enable_channelz": 0,
} as const;

/** A connection on which no call was admitted by then is closed: it would take a place for nothing. */
export const FIRST_CALL_TIMEOUT_MS = 10_000;
/** Refused calls at which a connection without an admitted one is closed: each keeps up to 64 KiB of its message. */
const MAX_REFUSED_CALLS = 16;

/**
 * Serves one client on a connection, which is a socket, or the byte stream of a router. A server for each: what a
 * client has open ends with its own connection, and grpc-js does not say from which connection a call comes.
 */
export function serveConnection(connection: Duplex, session: Session, passphrase?: Passphrase): void {
  const closed = new AbortController();
  // One for each file that the client has open; there is a limit of their own for those.
  setMaxListeners(0, closed.signal);
  const handlers = new Handlers(session, { closed: closed.signal });
  const useless = setTimeout(() => connection.destroy(), FIRST_CALL_TIMEOUT_MS).unref();
  let isAdmitted = false;
  let refused = 0;
  const onAdmitted = (call: ServerInterceptingCallInterface): void => {
    if (isAdmitted) return;
    isAdmitted = true;
    clearTimeout(useless);
    widenWindows(call);
  };
  const onRefused = (): void => {
    if (!isAdmitted && ++refused >= MAX_REFUSED_CALLS) connection.destroy();
  };
  const server = new Server({ ...OPTIONS, interceptors: [admission(passphrase, { onAdmitted, onRefused })] });
  server.addService(exporterService, handlers.exporter);
  server.addService(routerService, handlers.router);
  connection.on("error", () => {});
  connection.once("close", () => {
    clearTimeout(useless);
    closed.abort();
    server.forceShutdown();
  });
  server.createConnectionInjector(ServerCredentials.createInsecure()).injectConnection(connection);
}

/** Refuses a call by its headers: grpc-js would gather its message first, up to the limit, for each stream. */
function admission(
  passphrase: Passphrase | undefined,
  { onAdmitted, onRefused }: { onAdmitted: (call: ServerInterceptingCallInterface) => void; onRefused: () => void },
): ServerInterceptor {
  return (_method, call) =>
    new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, proceed) => {
            if (passphrase && !passphrase.admits(metadata)) {
              call.sendStatus(status("UNAUTHENTICATED", "invalid or missing passphrase"));
              onRefused();
            } else {
              onAdmitted(call);
              proceed(metadata);
            }
          },
        }),
    });
}
