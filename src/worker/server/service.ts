import { ServerNotRunning, TftpError } from "../../contract/errors.ts";
import type { Endpoint } from "../../contract/endpoint.ts";
import type { ExplainedRequest, Explanation } from "../../contract/rules/explanation.ts";
import type { ReloadableConfig } from "../../contract/options/options.ts";
import type { ServerConfig } from "../../contract/options/server-config.ts";
import type { ServerApi, ServerSnapshot } from "../../contract/thread/server-api.ts";
import type { VirtualRule } from "../../contract/rules/virtual-files.ts";
import { VirtualRules } from "../content/virtual/virtual-rules.ts";
import { explainApart } from "./explain-apart.ts";
import { Server, type ServerDependencies } from "./server.ts";

/** What main gives the thread for its whole life; the rest of a server's dependencies comes with start(). */
export type ServiceDependencies = Omit<ServerDependencies, "virtualRules" | "firstTransferId" | "isRestart">;

/** What main may call in this thread. It starts and stops once each, in any order: there is one server at most. */
export class Service implements ServerApi {
  readonly #dependencies: ServiceDependencies;
  /** Rules may be added before the server is started. */
  readonly #virtualRules = new VirtualRules();
  #server: Server | undefined;
  #stopping: Promise<void> | undefined;
  #starting = false;

  constructor(dependencies: ServiceDependencies) {
    this.#dependencies = dependencies;
  }

  async start(config: ServerConfig, firstTransferId: number, isRestart = false): Promise<readonly Endpoint[]> {
    if (this.#server || this.#starting) throw new TftpError("INTERNAL", "this thread's server was started already");
    this.#starting = true;
    try {
      const dependencies = { ...this.#dependencies, firstTransferId, isRestart, virtualRules: this.#virtualRules };
      this.#server = await Server.start(config, dependencies);
      return this.#server.addresses;
    } finally {
      this.#starting = false;
    }
  }

  async stop(graceMs: number): Promise<void> {
    if (graceMs === 0) this.#server?.abort();
    this.#stopping ??= this.#server?.stop(graceMs);
    await this.#stopping;
    this.#server = undefined;
  }

  async snapshot(): Promise<ServerSnapshot> {
    return this.#running.snapshot();
  }

  async addVirtualFiles(rules: readonly VirtualRule[]): Promise<void> {
    for (const rule of rules) this.#virtualRules.add(rule);
  }

  async removeVirtualFile(id: number): Promise<void> {
    this.#virtualRules.remove(id);
  }

  async reconfigure(options: Partial<ReloadableConfig>): Promise<void> {
    this.#running.reconfigure(options);
  }

  async explain(request: ExplainedRequest, config: ServerConfig): Promise<Explanation> {
    if (this.#server) return await this.#server.explain(request);
    return await explainApart(request, config, { ...this.#dependencies, virtualRules: this.#virtualRules });
  }

  async openProbe(name: string, content: Uint8Array): Promise<Endpoint> {
    this.#running.probes.open(name, content);
    return this.#running.bound;
  }

  async closeProbe(name: string): Promise<void> {
    this.#running.probes.close(name);
  }

  get #running(): Server {
    if (!this.#server) throw new ServerNotRunning();
    return this.#server;
  }
}
