import { TftpError, type TftpErrorCode } from "../../contract/errors.ts";
import type { Endpoint } from "../../contract/events.ts";

/** Turns a bind's system error into one that says what to do about it. */
export function bindFailure(error: unknown, { address, port }: Endpoint): TftpError {
  const where = `UDP port ${port} of ${address}`;
  switch ((error as NodeJS.ErrnoException).code) {
    case "EADDRINUSE":
      return failure("ADDRESS_IN_USE", `${where} is in use by another socket`, error);
    case "EADDRNOTAVAIL":
    case "EAFNOSUPPORT":
    case "EINVAL":
      return failure("ADDRESS_NOT_AVAILABLE", `${address} is no address of this machine`, error);
    case "EACCES":
    case "EPERM":
      return failure(
        "PERMISSION_DENIED",
        `no permission to bind ${where}: give node the capability cap_net_bind_service, lower the sysctl ` +
          "net.ipv4.ip_unprivileged_port_start, or choose a port over 1023",
        error,
      );
    default:
      return failure("START_FAILED", `cannot bind ${where}: ${(error as Error).message}`, error);
  }
}

/** The served directory cannot be created or read. */
export function rootFailure(error: unknown, rootDir: string): TftpError {
  return failure("ROOT_NOT_READABLE", `rootDir ${rootDir}: ${(error as Error).message}`, error);
}

/** The directory for the disk cache cannot be created, read or written to. */
export function cacheFailure(error: unknown, cacheDir: string): TftpError {
  return failure("CACHE_NOT_USABLE", `cacheDir ${cacheDir}: ${(error as Error).message}`, error);
}

function failure(code: TftpErrorCode, message: string, cause: unknown): TftpError {
  return new TftpError(code, message, { cause });
}
