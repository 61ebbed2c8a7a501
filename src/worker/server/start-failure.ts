import { networkInterfaces } from "node:os";
import { TftpError, type TftpErrorCode } from "../../contract/errors.ts";
import type { Endpoint } from "../../contract/endpoint.ts";
import { DEVICE_SYSCALL } from "../transport/network-errors.ts";

/** Turns a bind's system error into one that says what to do about it. */
export function bindFailure(error: unknown, { address, port }: Endpoint): TftpError {
  if ((error as NodeJS.ErrnoException).syscall === DEVICE_SYSCALL) return deviceFailure(error);
  const endpoint = `UDP port ${port} of ${address}`;
  switch ((error as NodeJS.ErrnoException).code) {
    case "EADDRINUSE":
      return failure("ADDRESS_IN_USE", `${endpoint} is in use by another socket`, error);
    case "EADDRNOTAVAIL":
    case "EAFNOSUPPORT":
    case "EINVAL":
    case "ENODEV":
    case "ENXIO":
      return failure("ADDRESS_NOT_AVAILABLE", whyNotAvailable(address), error);
    case "EACCES":
    case "EPERM":
      return failure(
        "PERMISSION_DENIED",
        `no permission to bind ${endpoint}: give node the capability cap_net_bind_service, lower the sysctl ` +
          "net.ipv4.ip_unprivileged_port_start, or choose a port over 1023",
        error,
      );
    case "ERR_ACCESS_DENIED":
      return failure(
        "PERMISSION_DENIED",
        `no permission to bind ${endpoint}: Node's permission model forbids the network; give node --allow-net`,
        error,
      );
    default:
      return failure("START_FAILED", `cannot bind ${endpoint}: ${(error as Error).message}`, error);
  }
}

function deviceFailure(error: unknown): TftpError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENODEV") return failure("ADDRESS_NOT_AVAILABLE", "bindDevice: there is no such network device", error);
  if (code !== "EPERM") return failure("START_FAILED", `bindDevice: ${message}`, error);
  const advice = "give node the capability cap_net_raw; Linux 5.7 and later needs none";
  return failure("PERMISSION_DENIED", `bindDevice: no permission to bind to the network device: ${advice}`, error);
}

/** The socket that the caller has handed over is none that can be served on. */
export function socketFailure(error: unknown, socketFd: number): TftpError {
  const expected = "expected the descriptor of a bound UDP socket";
  return failure("START_FAILED", `socketFd: ${expected}, got ${socketFd}: ${(error as Error).message}`, error);
}

/** A link-local address counts on its own link only, so its zone says which that is (RFC 4007 section 11). */
export function whyNotAvailable(address: string): string {
  const [plain = "", zone] = address.split("%");
  if (!/^fe[89ab]/i.test(plain)) return `${address} is no address of this machine`;
  const zones = zonesOf();
  const names = Object.keys(zones).join(", ");
  const choice = names === "" ? "no interface of this machine has such an address" : `one of ${names}`;
  const expected = `${plain}%INTERFACE (${choice})`;
  if (zone === undefined) return `${address} is a link-local address without its zone: expected ${expected}`;
  if (!Object.entries(zones).flat().includes(zone))
    return `${address} has an unknown zone: expected ${expected}, got ${JSON.stringify(zone)}`;
  return `${plain} is no address of the interface ${zone}`;
}

/** The interfaces that have a link-local address, by name, and their indexes, which may stand for the name. */
function zonesOf(): Readonly<Record<string, string>> {
  const zones = Object.entries(networkInterfaces()).flatMap(([name, infos = []]) => {
    const scope = infos.find(({ scopeid }) => scopeid)?.scopeid;
    return scope === undefined ? [] : [[name, `${scope}`] as const];
  });
  return Object.fromEntries(zones);
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
