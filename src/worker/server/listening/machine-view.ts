import { type HostSpec, hostsOf, parseHost } from "../../../contract/options/host-spec.ts";
import type { ServerConfig } from "../../../contract/options/server-config.ts";
import { isLoopback } from "../../../shared/network/loopback.ts";
import { isWildcard } from "../../../shared/network/wildcard.ts";
import type { Reporter } from "../../transfers/reporter.ts";
import type { Transport } from "../../transport/transport.ts";
import { allAddresses, defaultAddress } from "./default-route.ts";
import { isListed, type Machine, type Plan, planBinds } from "./plan.ts";
import { findWildcards, type Wildcards } from "./wildcards.ts";

export interface MachineViewDependencies {
  readonly config: Pick<ServerConfig, "host" | "bindDevice">;
  readonly transport: Pick<Transport, "interfaces" | "canBind">;
  /** For tests. */
  readonly findDefault?: () => Promise<string | undefined>;
}

/** Looks at what this machine has, as far as the option `host` asks for it, and plans the binds. */
export class MachineView {
  readonly #dependencies: MachineViewDependencies;
  readonly #findDefault: () => Promise<string | undefined>;
  #specs: readonly HostSpec[];
  #wildcards: Wildcards = { all: ["0.0.0.0"], isDual: false };

  constructor(dependencies: MachineViewDependencies) {
    const { config, findDefault = defaultAddress } = dependencies;
    this.#dependencies = dependencies;
    this.#findDefault = findDefault;
    const specs = hostsOf(config.host).flatMap((text) => parseHost(text) ?? []);
    // The default route's address is the main table's, which a device of a VRF need not have; it narrows enough.
    this.#specs = config.bindDevice === undefined ? specs : specs.map(withoutRoute);
  }

  /** Whether it stays as it is: all addresses, and those of loopback. */
  get isStatic(): boolean {
    return this.#dependencies.config.bindDevice === undefined && this.#specs.every(isStatic);
  }

  get followsRoute(): boolean {
    return this.#specs.some(({ kind }) => kind === "default-route");
  }

  /** To be called once, before the first look. Without a default route, all addresses stand for it from now on. */
  async prepare(reporter: Pick<Reporter, "report">): Promise<void> {
    const asksWildcard = this.#specs.some(({ kind, text }) => kind === "all" || isWildcard(text));
    if (asksWildcard) this.#wildcards = await findWildcards();
    if (!this.followsRoute || (await this.#findDefault()) !== undefined) return;
    const text = allAddresses();
    reporter.report({ type: "warning", message: `there is no default route: binding all addresses (${text})` });
    this.#specs = this.#specs.map((spec) => (spec.kind === "default-route" ? { kind: "address", text } : spec));
  }

  /** @throws a system error, as without file handles. */
  async look(): Promise<Machine> {
    const { config, transport } = this.#dependencies;
    return {
      interfaces: this.isStatic ? { list: [], isComplete: false } : transport.interfaces(),
      wildcards: this.#wildcards,
      defaultRoute: this.followsRoute ? await this.#findDefault() : undefined,
      device: config.bindDevice,
    };
  }

  /** `ifPresent`: without addresses that were named and cannot be bound now. */
  async plan(machine: Machine, ifPresent: boolean): Promise<Plan> {
    if (!ifPresent) return planBinds(this.#specs, machine);
    const present = await Promise.all(this.#specs.map((spec) => this.#isPresent(spec, machine)));
    return planBinds(
      this.#specs.filter((_spec, index) => present[index]),
      machine,
    );
  }

  /** The entries that have nothing among the keys of what is bound. */
  lacking({ keys }: Plan, isBound: (key: string) => boolean): readonly HostSpec[] {
    return this.#specs.filter((spec) => !keys.get(spec)?.some(isBound));
  }

  async #isPresent(spec: HostSpec, machine: Machine): Promise<boolean> {
    if (spec.kind !== "address" || isStatic(spec) || isListed(machine, spec.text)) return true;
    return await this.#dependencies.transport.canBind(spec.text);
  }
}

function isStatic({ kind, text }: HostSpec): boolean {
  return kind === "all" || (kind === "address" && (isWildcard(text) || isLoopback(text)));
}

function withoutRoute(spec: HostSpec): HostSpec {
  return spec.kind === "default-route" ? { kind: "all", text: spec.text } : spec;
}
