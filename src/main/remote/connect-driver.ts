import type { MessagePort } from "node:worker_threads";
import type { Driver } from "../driver.ts";
import { Peer } from "./peer.ts";
import type { RemoteDriver } from "./remote-driver.ts";

/**
 * Drives a driver that another thread has given to `exposeDriver()`, at the other end of the port. Calls are those of the
 * driver, and every one returns a promise; errors keep their class, code and cause. A call that waits keeps the process
 * alive, the port alone does not. It rejects with CLOSED when the port is closed, or the other thread is gone.
 */
export function connectDriver<Type extends Driver>(port: MessagePort): RemoteDriver<Type> {
  const peer = new Peer(port);
  return remote(peer, []) as RemoteDriver<Type>;
}

/** Of a name it does not know whether it is a child's or a method's: it is what it is used as. */
function remote(peer: Peer, path: readonly string[]): unknown {
  return new Proxy(() => {}, {
    get: (_target, name) => {
      if (name === Symbol.asyncDispose) return () => peer.call(path, "close", []);
      // Else an `await` would call it.
      if (typeof name !== "string" || name === "then") return undefined;
      return remote(peer, [...path, name]);
    },
    apply: (_target, _this, args: unknown[]) => peer.call(path.slice(0, -1), path.at(-1) ?? "", args),
  });
}
