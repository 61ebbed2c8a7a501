import { Duplex } from "node:stream";
import { expect, onTestFinished } from "vitest";
import { LeaseKeeper } from "../../../src/jumpstarter/controller/lease-keeper.ts";
import type { KeeperParts } from "../../../src/jumpstarter/controller/keeper-parts.ts";
import type { ControllerCalls } from "../../../src/jumpstarter/controller/controller-link.ts";
import type { ExporterEvent } from "../../../src/contract/events/exporter-events.ts";
import { ExporterEvents } from "../../../src/jumpstarter/exporter-events.ts";
import type { HookRuns } from "../../../src/jumpstarter/hooks/hook-runner.ts";
import type { Session } from "../../../src/jumpstarter/session/session.ts";
import { openSession } from "../../../src/jumpstarter/session/open-session.ts";
import type { LeaseStatus, ListenReply } from "../../../src/jumpstarter/wire/controller-messages.ts";
import { ExporterGround } from "./exporter-ground.ts";

/** A controller that says what the test says; it notes each call. */
export class ScriptedController implements ControllerCalls {
  readonly calls: string[] = [];
  /** How many calls are to fail, by their name. */
  readonly failures = new Map<string, number>();
  /** The gRPC status by which they fail; UNAVAILABLE. */
  failureCode = 14;
  /** While it is set, every call fails by that gRPC status, and is not noted. */
  outage: number | undefined;
  /** Calls that have failed by an outage. */
  refused = 0;
  #say: (status: LeaseStatus | Error) => void = () => {};
  #dropListen: () => void = () => {};

  async register(): Promise<void> {
    this.#note("register");
  }

  async reportStatus(status: string, _message: string, releaseLease?: boolean): Promise<void> {
    this.#note(releaseLease ? `${status} with release` : status);
  }

  /** As the real one: the Status stream says that the lease is over. */
  async releaseLease(lease: string): Promise<void> {
    this.#note(`release ${lease}`);
    this.say(undefined);
  }

  async unregister(): Promise<void> {
    this.#note("unregister");
  }

  async *leaseStatus(signal: AbortSignal): AsyncGenerator<LeaseStatus> {
    this.#note("status");
    const said: (LeaseStatus | Error)[] = [];
    let wake: (() => void) | undefined;
    this.#say = (status) => {
      said.push(status);
      wake?.();
    };
    signal.addEventListener("abort", () => this.#say(new Error("cancelled")));
    for (;;) {
      const next = said.shift();
      if (next instanceof Error) throw next;
      if (next) yield next;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }

  async *listen(lease: string, signal: AbortSignal): AsyncGenerator<ListenReply> {
    this.#note(`listen ${lease}`);
    await new Promise<void>((resolve, reject) => {
      this.#dropListen = () => reject(new Error("UNAVAILABLE"));
      signal.addEventListener("abort", () => resolve());
    });
    // It never says anything: the clients of these tests do not dial.
    if (!signal.aborted) yield { routerEndpoint: "", routerToken: "" };
  }

  say(lease: string | undefined): void {
    this.#say({ leased: lease !== undefined, leaseName: lease, clientName: "tester" });
  }

  /** The connection is lost. */
  drop(): void {
    this.#say(new Error("UNAVAILABLE"));
  }

  /** It is gone until restore(), by that gRPC status. */
  fail(code = 14): void {
    this.outage = code;
    this.drop();
    this.#dropListen();
  }

  restore(): void {
    this.outage = undefined;
  }

  #note(call: string): void {
    if (this.outage !== undefined) {
      this.refused++;
      throw Object.assign(new Error(`${call} failed`), { code: this.outage });
    }
    const left = this.failures.get(call) ?? 0;
    this.failures.set(call, left - 1);
    this.calls.push(left > 0 ? `${call} failed` : call);
    if (left > 0) throw Object.assign(new Error(`${call} failed`), { code: this.failureCode });
  }
}

export const noHooks: HookRuns = { has: () => false, run: async () => undefined };

/** No time passes: each pause is over at once. */
const noTime: KeeperParts["pause"] = async (_ms, signal) => {
  if (!signal.aborted) await new Promise((resolve) => setImmediate(resolve));
};

export function startKeeper(
  controller: ScriptedController,
  hooks: HookRuns = noHooks,
  ground = new ExporterGround(),
  pause = noTime,
) {
  const seen: ExporterEvent[] = [];
  const sessions: Session[] = [];
  const events = new ExporterEvents(undefined);
  events.on("*", (event) => seen.push(event));
  const keeper = new LeaseKeeper({
    endpoint: "controller:443",
    calls: controller,
    openSession: (status, message, endLease) => {
      const session = openSession(
        { root: { tftp: ground.tftp }, description: undefined, status, message, endLease },
        events,
      );
      sessions.push(session);
      return session;
    },
    hooks,
    connect: () => new Duplex(),
    events,
    pause,
  });
  onTestFinished(() => keeper.leave());
  return { keeper, seen, sessions };
}

export async function expectCalls(controller: ScriptedController, ...calls: string[]): Promise<void> {
  await expect.poll(() => controller.calls).toEqual(calls);
}
