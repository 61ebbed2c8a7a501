import { type Endpoint, toBoundAddress } from "../../../contract/endpoint.ts";
import type { ServerConfig } from "../../../contract/options/server-config.ts";
import { hasCode } from "../../../shared/error-codes.ts";
import type { Reporter } from "../../transfers/reporter.ts";
import type { BoundListener, Channel, ListenerReceiver, Transport } from "../../transport/transport.ts";
import { bindFailure, socketFailure } from "../start-failure.ts";
import { bindTargets } from "./bind-targets.ts";
import type { FailedBinds } from "./failed-binds.ts";
import { ListenerGroup } from "./listener-group.ts";
import { isListed, type Machine, type Target } from "./plan.ts";

export interface BoundTargetsDependencies {
  readonly config: Pick<ServerConfig, "port">;
  readonly transport: Pick<Transport, "name" | "listen" | "adopt" | "canBind">;
  readonly receiver: ListenerReceiver;
  readonly reporter: Pick<Reporter, "report">;
  /** After a crash: what is missing is left out, and bound when it comes. */
  readonly isRestart: boolean;
}

/** What is bound, and what for. Reports it, and each change of it. */
export class BoundTargets {
  readonly #dependencies: BoundTargetsDependencies;
  readonly #failed: FailedBinds;
  readonly #group = new ListenerGroup();
  /** What each listener was bound for, by its key. */
  readonly #targets = new Map<string, Target>();
  /** The first address, as it was reported last. */
  #first: Endpoint;
  #closed = false;

  constructor(dependencies: BoundTargetsDependencies, failed: FailedBinds) {
    this.#dependencies = dependencies;
    this.#failed = failed;
    this.#first = { address: "", port: dependencies.config.port };
  }

  /** The first address; if none is bound any more, the last one that was. */
  get first(): Endpoint {
    return this.#group.bound[0] ?? this.#first;
  }

  get addresses(): readonly Endpoint[] {
    return this.#group.bound;
  }

  has(key: string): boolean {
    return this.#group.has(key);
  }

  reply(bytes: Uint8Array, client: Endpoint, local: Endpoint): void {
    this.#group.reply(bytes, client, local);
  }

  share(local: Endpoint, client: Endpoint): Channel | undefined {
    return this.#group.share(local, client);
  }

  /** Takes over a socket that is bound already. @throws {TftpError} */
  async adopt(socketFd: number): Promise<void> {
    const { transport, receiver } = this.#dependencies;
    try {
      this.#group.add("", await transport.adopt(socketFd, receiver));
    } catch (error) {
      throw socketFailure(error, socketFd);
    }
  }

  /** Binds all of them, but for those that may yet come. @throws {TftpError} and nothing is bound then. */
  async bindAll(targets: readonly Target[]): Promise<void> {
    const { config, isRestart } = this.#dependencies;
    const bound = await bindTargets({
      targets,
      port: config.port,
      listen: (at) => this.#listen(at),
      mayLack: (target, error) => {
        // It is gone again, or IPv6 still looks for duplicates of it.
        const mayCome = hasCode(error, "EADDRNOTAVAIL") && (isRestart || target.spec.kind === "interface");
        if (mayCome) this.#failed.add(target, bindFailure(error, { address: target.address, port: config.port }));
        return mayCome;
      },
    });
    for (const target of targets) {
      const listener = bound.get(target.key);
      if (listener) this.#add(target, listener);
    }
  }

  /** Binds those of the targets that are not bound, and drops what is none of them any more. */
  async follow(targets: readonly Target[], machine: Machine): Promise<void> {
    const keys = targets.map(({ key }) => key);
    this.#failed.keepOnly(keys);
    for (const target of targets) if (!this.#group.has(target.key)) await this.#bindLate(target);
    for (const key of this.#group.keys) if (!keys.includes(key)) await this.#dropUnlessStays(key, machine);
    if (this.#closed) return;
    this.#group.arrange(keys);
    if (this.first.address !== this.#first.address) this.reportListening();
  }

  reportListening(): void {
    const { reporter, transport } = this.#dependencies;
    this.#first = this.first;
    const { host, port } = toBoundAddress(this.#first);
    const addresses = this.addresses.map(toBoundAddress);
    reporter.report({ type: "listening", host, port, addresses, transport: transport.name });
  }

  async unbind(): Promise<void> {
    this.#targets.clear();
    await this.#group.close();
  }

  /** What is bound from now on is closed at once. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#group.close();
  }

  async #bindLate(target: Target): Promise<void> {
    const at = { address: target.address, port: this.#first.port };
    try {
      const listener = this.#group.restore(target.key) ?? (await this.#listen(at));
      if (this.#closed) return await listener.close();
      this.#failed.delete(target);
      this.#add(target, listener);
      this.#reportChange("added", listener.bound);
    } catch (error) {
      this.#failed.add(target, bindFailure(error, at), this.first);
    }
  }

  async #dropUnlessStays(key: string, machine: Machine): Promise<void> {
    const target = this.#targets.get(key);
    if (!target || (await this.#stays(target, machine))) return;
    this.#targets.delete(key);
    const bound = this.#group.remove(key);
    if (bound) this.#reportChange("removed", bound);
  }

  async #stays({ spec, address }: Target, machine: Machine): Promise<boolean> {
    // Without a route, as while a cable is out, there is nowhere to go; and what cannot be bound yet is none.
    if (spec.kind === "default-route") return machine.defaultRoute === undefined || this.#failed.has(spec);
    if (spec.kind !== "interface" || machine.interfaces.isComplete || isListed(machine, address)) return false;
    return await this.#dependencies.transport.canBind(address);
  }

  #listen(at: Endpoint): Promise<BoundListener> {
    return this.#dependencies.transport.listen(at, this.#dependencies.receiver);
  }

  #add(target: Target, listener: BoundListener): void {
    this.#targets.set(target.key, target);
    this.#group.add(target.key, listener);
  }

  #reportChange(change: "added" | "removed", endpoint: Endpoint): void {
    this.#dependencies.reporter.report({ type: "listening-address", change, ...toBoundAddress(endpoint) });
  }
}
