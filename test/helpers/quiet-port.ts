import { createSocket } from "node:dgram";
import { once } from "node:events";

/**
 * A free port below those that the system gives to others on demand: it stays free between two binds of a test's own.
 */
export async function quietPort(): Promise<number> {
  for (;;) {
    const candidate = 20_000 + Math.floor(Math.random() * 10_000);
    const scout = createSocket("udp4").bind(candidate, "127.0.0.1");
    const bound = await once(scout, "listening").then(
      () => true,
      () => false,
    );
    scout.close();
    if (bound) return candidate;
  }
}
