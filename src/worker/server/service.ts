import { ServerNotRunning, TftpError } from "../../contract/errors.ts";
import type { Endpoint } from "../../contract/events.ts";
import type { ReloadableOptions, ServerConfig } from "../../contract/options.ts";
import type { ServerSnapshot } from "../../contract/server-api.ts";
import { VirtualRules } from "../content/virtual/virtual-rules.ts";
import { Server, type ServerDependencies } from "./server.ts";

/** Start and stop, once each, in any order: whatever main asks for, there is one server at most. */
export class Service {
  /** Rules may be added before the server is started. */
  readonly virtualRules: VirtualRules = new VirtualRules();
  #server: Server | undefined;
  #stopping: Promise<void> | undefined;
  #starting = false;

  /** Binds the well-known port. */
  async start(config: ServerConfig, dependencies: Omit<ServerDependencies, "virtualRules">): Promise<Endpoint> {
    if (this.#server || this.#starting) throw new TftpError("INTERNAL", "this thread's server was started already");
    this.#starting = true;
    try {
      this.#server = await Server.start(config, { ...dependencies, virtualRules: this.virtualRules });
      return this.#server.bound;
    } finally {
      this.#starting = false;
    }
  }

  /** Takes no new transfers, lets running ones end for at most `graceMs`, tells the rest. Cuts an earlier stop short. */
  async stop(graceMs: number): Promise<void> {
    if (graceMs === 0) this.#server?.abort();
    this.#stopping ??= this.#server?.stop(graceMs);
    await this.#stopping;
    this.#server = undefined;
  }

  getHost(): string {
    return this.#running.bound.address;
  }

  getPort(): number {
    return this.#running.bound.port;
  }

  snapshot(): ServerSnapshot {
    return this.#running.snapshot();
  }

  reconfigure(options: Partial<ReloadableOptions>): void {
    this.#running.reconfigure(options);
  }

  openProbe(name: string, content: Uint8Array): Endpoint {
    this.#running.probes.open(name, content);
    return this.#running.bound;
  }

  closeProbe(name: string): void {
    this.#running.probes.close(name);
  }

  get #running(): Server {
    if (!this.#server) throw new ServerNotRunning();
    return this.#server;
  }
}
