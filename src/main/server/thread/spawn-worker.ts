import { Worker, type WorkerOptions } from "node:worker_threads";

/**
 * With it Node leaves every datagram to libuv's queue, instead of trying a system call for each first. What is sent in
 * one go, as the blocks of a window are, then leaves in one call if the system has one for that (sendmmsg(2)): on one
 * core that makes dgram a third faster in windows of 16, for a twelfth less in lock-step. Node has the switch for its
 * own tests, and promises nothing about it: without it all works, too.
 */
const QUEUE_DATAGRAMS = "--test-udp-no-try-send";

/**
 * Spawns a worker with these flags, or with none if this Node does not know one of them, or grants it to no worker. The
 * process's own flags are not inherited: `--input-type`, for one, keeps a worker from starting. Under Node's permission
 * model they are, all of them: Node restricts no worker that is given flags of its own.
 * @throws {Error} if no thread can be spawned at all, as under Node's permission model without --allow-worker.
 */
export function spawnWorker(entry: URL, options: WorkerOptions, flags: readonly string[] = [QUEUE_DATAGRAMS]): Worker {
  if ((process as Partial<Pick<NodeJS.Process, "permission">>).permission) return new Worker(entry, options);
  try {
    return new Worker(entry, { ...options, execArgv: [...flags] });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_WORKER_INVALID_EXEC_ARGV") throw error;
    return new Worker(entry, { ...options, execArgv: [] });
  }
}
