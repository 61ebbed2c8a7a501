import { execFile } from "node:child_process";
import { type Koffi, loadKoffi } from "../../shared/load-koffi.ts";

/** Sends one datagram to systemd's notification socket (sd_notify(3)). False: it is full, to be tried again. */
export type Send = (text: string) => boolean;

const AF_UNIX = 1;
/** SOCK_DGRAM | SOCK_CLOEXEC */
const SOCKET_TYPE = 0o2000002;
/** MSG_DONTWAIT | MSG_NOSIGNAL */
const FLAGS = 0x4040;
const EAGAIN = 11;
/** Of sun_path in a struct sockaddr_un, in bytes. */
const MAX_PATH = 108;

/**
 * Opens the way to the socket: a system call, for Node has no datagrams of AF_UNIX; without koffi the program
 * systemd-notify, for which the unit needs NotifyAccess=all. `onError` gets what goes wrong; nothing is thrown. `load` is
 * for tests.
 */
export async function openNotifySocket(
  path: string,
  onError: (error: Error) => void,
  load: () => Promise<Pick<Koffi, "errno" | "load">> = loadKoffi,
): Promise<Send> {
  try {
    return openByKoffi(path, onError, await load());
  } catch {
    return byProgram(path, onError);
  }
}

/** @throws {Error} if the path is none, or there are no descriptors left. */
function openByKoffi(path: string, onError: (error: Error) => void, koffi: Pick<Koffi, "errno" | "load">): Send {
  const address = encodePath(path);
  const library = koffi.load(null);
  const socket = library.func("socket", "int", ["int", "int", "int"]);
  const sendto = library.func("sendto", "intptr_t", ["int", "void *", "size_t", "int", "void *", "uint"]);
  const descriptor = socket(AF_UNIX, SOCKET_TYPE, 0) as number;
  if (descriptor < 0) throw new Error(`socket: errno ${koffi.errno()}`);
  return (text) => {
    const bytes = Buffer.from(text);
    const sent = sendto(descriptor, bytes, bytes.length, FLAGS, address, address.length) as number;
    if (sent >= 0) return true;
    if (koffi.errno() === EAGAIN) return false;
    onError(new Error(`NOTIFY_SOCKET ${path}: errno ${koffi.errno()}`));
    return true;
  };
}

/** A struct sockaddr_un. A path with @ in front is in the abstract name space, where NUL stands for it (unix(7)). */
function encodePath(path: string): Uint8Array {
  const bytes = Buffer.from(path);
  if (bytes.length >= MAX_PATH) throw new Error("the path is too long");
  if (path.startsWith("@")) bytes[0] = 0;
  // The name of an abstract socket is as long as it is; a path ends with NUL.
  const end = path.startsWith("@") ? [] : [0];
  return Uint8Array.from([AF_UNIX, 0, ...bytes, ...end]);
}

function byProgram(path: string, onError: (error: Error) => void): Send {
  return (text) => {
    const args = [`--pid=${process.pid}`, ...text.split("\n")];
    execFile("systemd-notify", args, { env: { ...process.env, NOTIFY_SOCKET: path } }, (error) => {
      if (error) onError(error);
    });
    return true;
  };
}
