import { toErrorInfo } from "../../../contract/errors.ts";
import type { Endpoint } from "../../../contract/endpoint.ts";
import type { HostSpec } from "../../../contract/options/host-spec.ts";
import { hasCode } from "../../../shared/error-codes.ts";
import type { Reporter } from "../../transfers/reporter.ts";
import { MAX_BINDS, type Target } from "./plan.ts";

/** IPv6 looks for duplicates of a new address for a second or two, and until then it cannot be bound. */
const EARLY_ATTEMPTS = 3;

/** The addresses that should be bound and cannot be. Each is reported once, until it is bound or gone. */
export class FailedBinds {
  readonly #reporter: Pick<Reporter, "report">;
  readonly #failed = new Map<string, { readonly spec: HostSpec; attempts: number }>();
  #lookFailed = false;
  #hasSurplus = false;

  constructor(reporter: Pick<Reporter, "report">) {
    this.#reporter = reporter;
  }

  get size(): number {
    return this.#failed.size;
  }

  /** Whether an address of that entry is among them. */
  has(spec: HostSpec): boolean {
    return [...this.#failed.values()].some((failed) => failed.spec === spec);
  }

  /** `stays`: where the server listens instead, for an entry that has one address only. */
  add({ key, spec, address }: Target, error: Error, stays?: Endpoint): void {
    const known = this.#failed.get(key) ?? { spec, attempts: 0 };
    this.#failed.set(key, known);
    known.attempts++;
    const mayBeEarly = spec.kind === "interface" && hasCode(error.cause, "EADDRNOTAVAIL");
    if (known.attempts !== (mayBeEarly ? EARLY_ATTEMPTS : 1)) return;
    const message =
      spec.kind === "default-route" && stays
        ? `the default route leaves from ${address} now, but the server stays on ${stays.address}`
        : `the server cannot listen on ${address}, and tries again`;
    this.#warn(message, error);
  }

  delete({ key }: Target): void {
    this.#failed.delete(key);
  }

  /** Forgets those that are not to be bound any more. */
  keepOnly(keys: readonly string[]): void {
    this.#lookFailed = false;
    for (const key of this.#failed.keys()) if (!keys.includes(key)) this.#failed.delete(key);
  }

  /** The addresses could not be looked at. */
  addLook(error: unknown): void {
    if (!this.#lookFailed) this.#warn("the addresses of this machine cannot be read", error);
    this.#lookFailed = true;
  }

  /** Once: more addresses than are bound at most. */
  addSurplus(count: number): void {
    if (count === 0 || this.#hasSurplus) return;
    this.#hasSurplus = true;
    this.#reporter.report({ type: "warning", message: `host: ${count} addresses over ${MAX_BINDS} are not bound` });
  }

  #warn(message: string, error: unknown): void {
    this.#reporter.report({ type: "warning", message, cause: toErrorInfo(error) });
  }
}
