import { UsageError } from "../usage-error.ts";

/** The first descriptor that systemd hands over (sd_listen_fds(3)). */
const FIRST = 3;

/**
 * The socket that systemd's socket activation hands to this process; undefined without any. Removes the variables, so that
 * no child process takes them for its own.
 * @throws {UsageError} if there is more than one.
 */
export function takeListenFd(env: NodeJS.ProcessEnv, pid: number): number | undefined {
  const { LISTEN_PID: forPid, LISTEN_FDS: count } = env;
  for (const name of ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]) delete env[name];
  // Inherited from a parent that they were meant for.
  if (forPid !== String(pid) || count === undefined || count === "0") return undefined;
  if (count === "1") return FIRST;
  throw new UsageError(`LISTEN_FDS: expected one socket, such as by ListenDatagram=69, got ${JSON.stringify(count)}`);
}
