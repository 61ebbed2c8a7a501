import { hasCode } from "../../../shared/error-codes.ts";
import type { Endpoint } from "../../../contract/endpoint.ts";
import type { BoundListener } from "../../transport/transport.ts";
import { bindFailure } from "../start-failure.ts";
import type { Target } from "./plan.ts";

/** How often a port that the system has chosen for the first address may be taken on another one. */
const MAX_PORTS = 32;

export interface BindRequest {
  readonly targets: readonly Target[];
  /** 0: one that is free on all of them. */
  readonly port: number;
  readonly listen: (at: Endpoint) => Promise<BoundListener>;
  /** Whether the others are to be bound without this one. */
  readonly mayLack: (target: Target, error: unknown) => boolean;
}

/**
 * Binds all targets to one port. Returns the listeners by their targets' keys.
 * @throws {TftpError} what `bindFailure` makes of the first failure; nothing is bound then.
 */
export async function bindTargets(request: BindRequest): Promise<Map<string, BoundListener>> {
  for (let ports = 1; ; ports++) {
    const bound = new Map<string, BoundListener>();
    let at: Endpoint = { address: "", port: request.port };
    try {
      for (const target of request.targets) {
        at = { address: target.address, port: at.port };
        const listener = await request.listen(at).catch((error: unknown) => {
          if (!request.mayLack(target, error)) throw error;
        });
        if (!listener) continue;
        bound.set(target.key, listener);
        at = { ...at, port: listener.bound.port };
      }
      return bound;
    } catch (error) {
      await Promise.all(Array.from(bound.values(), (listener) => listener.close()));
      const isClash = request.port === 0 && bound.size > 0 && hasCode(error, "EADDRINUSE");
      if (!isClash || ports === MAX_PORTS) throw bindFailure(error, at);
    }
  }
}
