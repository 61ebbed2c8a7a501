import { type Endpoint, toBoundAddress } from "../../../contract/endpoint.ts";
import { waitMs } from "../../../contract/host-spec.ts";
import type { ServerConfig } from "../../../contract/server-config.ts";
import { hasCode } from "../../../shared/error-codes.ts";
import type { Reporter } from "../../transfers/reporter.ts";
import type { BoundListener, Channel, Listener, ListenerReceiver, Transport } from "../../transport/transport.ts";
import { bindFailure, socketFailure } from "../start-failure.ts";
import { AddressChanges } from "./address-changes.ts";
import { bindTargets } from "./bind-targets.ts";
import { FailedBinds } from "./failed-binds.ts";
import { ListenerGroup } from "./listener-group.ts";
import { MachineView } from "./machine-view.ts";
import { missingFailure, whyMissing } from "./missing.ts";
import { isListed, type Machine, type Target } from "./plan.ts";

export interface ListeningDependencies {
  readonly config: Pick<ServerConfig, "host" | "port" | "socketFd" | "bindDevice" | "waitForAddress">;
  readonly transport: Transport;
  readonly receiver: ListenerReceiver;
  readonly reporter: Pick<Reporter, "report">;
  /** After a crash: what is missing is left out, and bound when it comes. */
  readonly isRestart: boolean;
  /** For tests. */
  readonly findDefault?: () => Promise<string | undefined>;
}

/** No change of a route is reported: it is looked for this often, in ms. */
const ROUTE_INTERVAL = 5_000;
/** What could not be bound is tried again after this time, in ms. */
const RETRY_INTERVAL = 1_000;

/**
 * The well-known port, on all addresses that the option `host` stands for. Follows interfaces and addresses as they come,
 * go and change. Running transfers have sockets of their own, and go on: an address that is gone may come back.
 */
export class Listening implements Listener {
  readonly #dependencies: ListeningDependencies;
  readonly #view: MachineView;
  readonly #group = new ListenerGroup();
  readonly #failed: FailedBinds;
  /** What each listener was bound for, by its key. */
  readonly #targets = new Map<string, Target>();
  #changes: AddressChanges | undefined;
  /** The first address, as it was reported last. */
  #first: Endpoint;
  #closed = false;

  constructor(dependencies: ListeningDependencies) {
    this.#dependencies = dependencies;
    this.#view = new MachineView(dependencies);
    this.#failed = new FailedBinds(dependencies.reporter);
    this.#first = { address: "", port: dependencies.config.port };
  }

  /** The first address; if none is bound any more, the last one that was. */
  get bound(): Endpoint {
    return this.#group.bound[0] ?? this.#first;
  }

  get addresses(): readonly Endpoint[] {
    return this.#group.bound;
  }

  /** @throws {TftpError} and nothing is bound then. */
  async open(): Promise<void> {
    const { socketFd } = this.#dependencies.config;
    try {
      if (socketFd === undefined) await this.#bind();
      else this.#group.add("", await this.#adopt(socketFd));
      if (this.addresses.length > 0) this.#reportListening();
    } catch (error) {
      await this.close();
      throw error;
    }
    if (this.#changes) void this.#follow(this.#changes);
  }

  reply(bytes: Uint8Array, client: Endpoint, local: Endpoint): void {
    this.#group.reply(bytes, client, local);
  }

  share(local: Endpoint, client: Endpoint): Channel | undefined {
    return this.#group.share(local, client);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#changes?.close();
    await this.#group.close();
  }

  async #adopt(socketFd: number): Promise<BoundListener> {
    const { transport, receiver } = this.#dependencies;
    try {
      return await transport.adopt(socketFd, receiver);
    } catch (error) {
      throw socketFailure(error, socketFd);
    }
  }

  /** Binds everything; if something is missing, waits for it as long as `waitForAddress` allows. */
  async #bind(): Promise<void> {
    const { isRestart, reporter, config } = this.#dependencies;
    await this.#view.prepare(reporter);
    if (!this.#view.isStatic) this.#changes = new AddressChanges(this.#dependencies.transport);
    const end = performance.now() + waitMs(config.waitForAddress);
    let isWaiting = false;
    while (!this.#closed) {
      const machine = await this.#view.look();
      const left = this.#changes ? end - performance.now() : 0;
      const plan = await this.#view.plan(machine, isRestart || left > 0);
      this.#failed.addSurplus(plan.surplus);
      let missing = this.#view.lacking(plan, () => true);
      if (isRestart || missing.length === 0) {
        await this.#bindAll(plan.targets);
        missing = this.#view.lacking(plan, (key) => this.#group.has(key));
      }
      if (isRestart || missing.length === 0) return;
      await this.#unbind();
      if (left <= 0) throw missingFailure(missing, machine);
      const message = `the server waits: ${whyMissing(missing, machine)}`;
      if (!isWaiting) reporter.report({ type: "warning", message });
      isWaiting = true;
      await this.#changes?.next(Math.min(left, RETRY_INTERVAL));
    }
  }

  async #bindAll(targets: readonly Target[]): Promise<void> {
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

  async #unbind(): Promise<void> {
    this.#targets.clear();
    await this.#group.close();
  }

  async #follow(changes: AddressChanges): Promise<void> {
    while (!this.#closed) {
      const retry = this.#failed.size > 0 ? RETRY_INTERVAL : Infinity;
      await changes.next(Math.min(retry, this.#view.followsRoute ? ROUTE_INTERVAL : Infinity));
      if (this.#closed) return;
      try {
        await this.#adjust();
      } catch (error) {
        // As without file handles: the next look is as good.
        this.#failed.addLook(error);
      }
    }
  }

  async #adjust(): Promise<void> {
    const machine = await this.#view.look();
    const { targets, surplus } = await this.#view.plan(machine, true);
    this.#failed.addSurplus(surplus);
    const keys = targets.map(({ key }) => key);
    this.#failed.keepOnly(keys);
    for (const target of targets) if (!this.#group.has(target.key)) await this.#bindLate(target);
    for (const key of this.#group.keys) if (!keys.includes(key)) await this.#dropUnlessStays(key, machine);
    if (this.#closed) return;
    this.#group.arrange(keys);
    const { address } = this.bound;
    if (address !== this.#first.address) this.#reportListening();
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
      this.#failed.add(target, bindFailure(error, at), this.bound);
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

  #reportListening(): void {
    const { reporter, transport } = this.#dependencies;
    this.#first = this.bound;
    const { host, port } = toBoundAddress(this.#first);
    const addresses = this.addresses.map(toBoundAddress);
    reporter.report({ type: "listening", host, port, addresses, transport: transport.name });
  }

  #reportChange(change: "added" | "removed", endpoint: Endpoint): void {
    this.#dependencies.reporter.report({ type: "listening-address", change, ...toBoundAddress(endpoint) });
  }
}
