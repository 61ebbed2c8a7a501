import type { MessagePort } from "node:worker_threads";
import { TftpError } from "../../contract/errors.ts";
import { showValue } from "../../contract/text/show-value.ts";
import type { Driver } from "../driver.ts";
import { Peer } from "./peer.ts";

/**
 * Lets another thread drive this driver, by `connectDriver()` at the other end of the port: its `exportedMethods`, and
 * those of its children. The driver stays in this thread. Returns how to end it, which closes the port.
 *
 * When the other thread is gone, or closes its end, what it has under way is aborted: of a write nothing is left. The
 * driver itself is closed by its own close() only.
 */
export function exposeDriver(driver: Driver, port: MessagePort): () => void {
  const peer = new Peer(port, async (path, method, args) => {
    const target = find(driver, path);
    if (!target.exportedMethods.includes(method)) {
      throw new TftpError("INVALID_OPTION", `${target.name}: expected an exported method, got ${showValue(method)}`);
    }
    const call = (target as unknown as Record<string, (...args: unknown[]) => unknown>)[method];
    return await call?.apply(target, [...args]);
  });
  return () => peer.close();
}

function find(driver: Driver, path: readonly string[]): Driver {
  let found = driver;
  for (const name of path) {
    const child = found.children.get(name);
    if (!child)
      throw new TftpError("INVALID_OPTION", `${found.name}: expected the name of a child, got ${showValue(name)}`);
    found = child;
  }
  return found;
}
