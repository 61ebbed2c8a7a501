/**
 * System errors of a UDP socket that only this server can cause: no handle left, a descriptor that is closed, no socket
 * or not connected, memory that is not ours, an address of the wrong family. The network can cause all others, by ways
 * that depend on the system: a firewall EPERM, a route EACCES, EINVAL (blackhole), ENETUNREACH or EHOSTUNREACH, an
 * interface ENETDOWN, ENOBUFS or ENXIO, an address that is gone EADDRNOTAVAIL, a hop EMSGSIZE, an ICMP error
 * ECONNREFUSED, EPROTO, ENOPROTOOPT, EHOSTDOWN, ENONET, EACCES and more. So the list is of ours, and what is not on it
 * is a lost datagram.
 */
const OURS: ReadonlySet<string> = new Set([
  "EBADF",
  "EMFILE",
  "ENFILE",
  "ENOTSOCK",
  "EFAULT",
  "EDESTADDRREQ",
  "ENOTCONN",
  "EISCONN",
  "EPIPE",
  "EAFNOSUPPORT",
  "EPROTOTYPE",
]);

/** What bind(2) and connect(2) say of a client to which, for now, no way leads, or from an address that is gone. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  "ENETUNREACH",
  "EHOSTUNREACH",
  "ENETDOWN",
  "EHOSTDOWN",
  "EACCES",
  "EPERM",
  "EINVAL",
  "EADDRNOTAVAIL",
  "ENODEV",
]);

/** The `syscall` of an error of SO_BINDTODEVICE: there is no such device, or it is not permitted. */
export const DEVICE_SYSCALL = "SO_BINDTODEVICE";

/** Whether the network can have caused it: then it is a datagram lost on the way, and a retransmission repairs it. */
export function isNetworkError(error: unknown): boolean {
  const code = systemCodeOf(error);
  return code !== undefined && !OURS.has(code);
}

/** Whether a socket for a transfer could not be opened for want of a way to the client. */
export function isUnreachable(error: unknown): boolean {
  const code = systemCodeOf(error);
  return code !== undefined && UNREACHABLE.has(code);
}

/** Undefined for what no system call has returned, as Node's own errors (ERR_SOCKET_BAD_PORT) and a TypeError. */
function systemCodeOf(error: unknown): string | undefined {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return syscall === undefined || code?.startsWith("ERR_") ? undefined : code;
}

/** As of a system call that finds no room. */
export function socketFull(): NodeJS.ErrnoException {
  return Object.assign(new Error("send ENOBUFS"), { code: "ENOBUFS", syscall: "send" });
}
