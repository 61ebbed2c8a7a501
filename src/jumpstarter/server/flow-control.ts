import type { ServerInterceptingCallInterface } from "@grpc/grpc-js";

/** What a client may have on the way in one stream, in bytes: HTTP/2's own 64 KiB are less than one frame of a file. */
const STREAM_WINDOW = 256 * 1024;
/** The same in all streams of a connection. */
const CONNECTION_WINDOW = 1024 * 1024;

/** Of an HTTP/2 session, what is needed here. */
interface Session {
  settings(settings: { readonly initialWindowSize: number }): void;
  setLocalWindowSize(size: number): void;
}

/**
 * Lets the client of that call send more before it waits for us. grpc-js has an option for that in clients only, and its
 * sessions are not public: if another version has them elsewhere, uploads are slower, and nothing else.
 */
export function widenWindows(call: ServerInterceptingCallInterface): void {
  const { session } = (call as { readonly stream?: { readonly session?: Partial<Session> } }).stream ?? {};
  if (typeof session?.settings !== "function" || typeof session.setLocalWindowSize !== "function") return;
  session.settings({ initialWindowSize: STREAM_WINDOW });
  session.setLocalWindowSize(CONNECTION_WINDOW);
}
