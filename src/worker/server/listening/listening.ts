import type { Endpoint } from "../../../contract/endpoint.ts";
import { waitMs } from "../../../contract/options/host-spec.ts";
import type { ServerConfig } from "../../../contract/options/server-config.ts";
import type { Channel, Listener, Transport } from "../../transport/transport.ts";
import { AddressChanges } from "./address-changes.ts";
import { BoundTargets, type BoundTargetsDependencies } from "./bound-targets.ts";
import { FailedBinds } from "./failed-binds.ts";
import { MachineView } from "./machine-view.ts";
import { missingFailure, whyMissing } from "./missing.ts";

export interface ListeningDependencies extends BoundTargetsDependencies {
  readonly config: Pick<ServerConfig, "host" | "port" | "socketFd" | "bindDevice" | "waitForAddress">;
  readonly transport: Transport;
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
  readonly #failed: FailedBinds;
  readonly #bound: BoundTargets;
  #changes: AddressChanges | undefined;
  #closed = false;

  constructor(dependencies: ListeningDependencies) {
    this.#dependencies = dependencies;
    this.#view = new MachineView(dependencies);
    this.#failed = new FailedBinds(dependencies.reporter);
    this.#bound = new BoundTargets(dependencies, this.#failed);
  }

  /** The first address; if none is bound any more, the last one that was. */
  get bound(): Endpoint {
    return this.#bound.first;
  }

  get addresses(): readonly Endpoint[] {
    return this.#bound.addresses;
  }

  /** @throws {TftpError} and nothing is bound then. */
  async open(): Promise<void> {
    const { socketFd } = this.#dependencies.config;
    try {
      if (socketFd === undefined) await this.#bind();
      else await this.#bound.adopt(socketFd);
    } catch (error) {
      await this.close();
      throw error;
    }
    if (this.#changes) void this.#follow(this.#changes);
  }

  /** Reports what is bound, once it is open; nothing may be bound yet. */
  announce(): void {
    if (this.addresses.length > 0) this.#bound.reportListening();
  }

  reply(bytes: Uint8Array, client: Endpoint, local: Endpoint): void {
    this.#bound.reply(bytes, client, local);
  }

  share(local: Endpoint, client: Endpoint): Channel | undefined {
    return this.#bound.share(local, client);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#changes?.close();
    await this.#bound.close();
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
        await this.#bound.bindAll(plan.targets);
        missing = this.#view.lacking(plan, (key) => this.#bound.has(key));
      }
      if (isRestart || missing.length === 0) return;
      await this.#bound.unbind();
      if (left <= 0) throw missingFailure(missing, machine);
      const message = `the server waits: ${whyMissing(missing, machine)}`;
      if (!isWaiting) reporter.report({ type: "warning", message });
      isWaiting = true;
      await this.#changes?.next(Math.min(left, RETRY_INTERVAL));
    }
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
    await this.#bound.follow(targets, machine);
  }
}
