import { setImmediate as turn } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import type { HookName } from "../../../src/contract/events/exporter-events.ts";
import type { HookFailureMode } from "../../../src/jumpstarter/hooks/hook-options.ts";
import type { HookContext, HookFailure, HookRuns } from "../../../src/jumpstarter/hooks/hook-runner.ts";
import { ScriptedController, startKeeper } from "../../helpers/jumpstarter/scripted-controller.ts";

/** Hooks that last until the test ends them. */
class HeldHooks implements HookRuns {
  readonly ran: string[] = [];
  /** The test is over: an exporter that leaves is not to wait. */
  isOver = false;
  readonly #names: readonly HookName[];
  #end: ((failure: HookFailure | undefined) => void) | undefined;

  constructor(...names: HookName[]) {
    this.#names = names;
  }

  has(name: HookName): boolean {
    return this.#names.includes(name);
  }

  run(name: HookName, context: HookContext): Promise<HookFailure | undefined> {
    this.ran.push(`${name} ${context.lease.name}`);
    if (this.isOver) return Promise.resolve(undefined);
    return new Promise((resolve) => (this.#end = resolve));
  }

  async isRunning(...names: string[]): Promise<void> {
    await expect.poll(() => this.ran).toEqual(names);
  }

  succeed(): void {
    this.#end?.(undefined);
  }

  fail(onFailure: HookFailureMode): void {
    this.#end?.({ message: "its exit code was 1", onFailure });
  }
}

async function lease(...names: HookName[]) {
  const controller = new ScriptedController();
  const hooks = new HeldHooks(...names);
  const started = startKeeper(controller, hooks);
  // Before the keeper leaves: what was registered last comes first.
  onTestFinished(() => {
    hooks.isOver = true;
    hooks.succeed();
  });
  await expect.poll(() => controller.calls.at(-1)).toBe("status");
  controller.calls.length = 0;
  controller.say("a");
  return { controller, hooks, ...started };
}

/** What was called, without the Listen calls. */
function said(controller: ScriptedController): string[] {
  return controller.calls.filter((call) => !call.startsWith("listen"));
}

test("clients are let in while the beforeLease hook runs, and commands are ready after it", async () => {
  const { controller, hooks, sessions } = await lease("beforeLease");
  await hooks.isRunning("beforeLease a");
  expect(controller.calls).toEqual(["listen a", "BEFORE_LEASE_HOOK"]);
  expect(sessions.at(-1)?.status.status).toBe("BEFORE_LEASE_HOOK");
  hooks.succeed();
  await expect.poll(() => said(controller)).toEqual(["BEFORE_LEASE_HOOK", "LEASE_READY"]);
  expect(sessions.at(-1)?.status.status).toBe("LEASE_READY");
});

test("a beforeLease hook that fails with onFailure warn lets the lease go on, with a warning for its client", async () => {
  const { hooks, sessions } = await lease("beforeLease");
  await hooks.isRunning("beforeLease a");
  hooks.fail("warn");
  await expect.poll(() => sessions.at(-1)?.status.status).toBe("LEASE_READY");
  expect(sessions.at(-1)?.status.reply().message).toMatch(/^\[HOOK_WARNING\] .*exit code was 1/);
});

test("a beforeLease hook that fails with onFailure endLease releases the lease, and afterLease does not run", async () => {
  const { controller, hooks } = await lease("beforeLease", "afterLease");
  await hooks.isRunning("beforeLease a");
  hooks.fail("endLease");
  await expect
    .poll(() => said(controller))
    .toEqual(["BEFORE_LEASE_HOOK", "BEFORE_LEASE_HOOK_FAILED", "release a", "AVAILABLE"]);
  expect(hooks.ran).toEqual(["beforeLease a"]);
});

test.each(["beforeLease", "afterLease"] as const)(
  "a %s hook that fails with onFailure exit ends the lease, and the exporter leaves for good",
  async (name) => {
    const { controller, hooks, keeper, seen, sessions } = await lease(name);
    await expect.poll(() => controller.calls.at(-1)).toBe(name === "beforeLease" ? "BEFORE_LEASE_HOOK" : "LEASE_READY");
    if (name === "afterLease") sessions.at(-1)?.endLease?.();
    await hooks.isRunning(`${name} a`);
    hooks.fail("exit");
    expect((await keeper.ended)?.message).toBe(`${name} hook failed (onFailure: exit): its exit code was 1`);
    expect(controller.calls.slice(-2)).toEqual(["OFFLINE", "unregister"]);
    expect(said(controller).filter((call) => call.startsWith("release"))).toEqual([]);
    expect(seen.filter(({ type }) => type === "lease-ended")).toHaveLength(1);
  },
);

test("a client that ends its session gets AVAILABLE only after the afterLease hook, which has the drivers", async () => {
  const { controller, hooks, sessions } = await lease("afterLease");
  await expect.poll(() => controller.calls.at(-1)).toBe("LEASE_READY");
  sessions.at(-1)?.endLease?.();
  await hooks.isRunning("afterLease a");
  expect(sessions.at(-1)?.status.status).toBe("AFTER_LEASE_HOOK");
  expect(sessions.at(-1)?.ending.signal.aborted).toBe(false);
  hooks.succeed();
  await expect.poll(() => sessions.at(-1)?.status.status).toBe("AVAILABLE");
  expect(sessions.at(-1)?.ending.signal.aborted).toBe(true);
  // The lease is released by the exporter, for its client may be gone; the hook does not run again.
  await expect.poll(() => said(controller)).toContain("release a");
  await expect.poll(() => said(controller).filter((call) => call === "AVAILABLE")).toHaveLength(2);
  expect(hooks.ran).toEqual(["afterLease a"]);
});

test("a lease that the controller takes away is tidied, too, and the next one waits for it", async () => {
  const { controller, hooks, seen } = await lease("afterLease");
  await expect.poll(() => controller.calls.at(-1)).toBe("LEASE_READY");
  controller.say("b");
  await hooks.isRunning("afterLease a");
  expect(seen.filter(({ type }) => type === "lease-started")).toHaveLength(1);
  hooks.succeed();
  await expect.poll(() => said(controller).at(-1)).toBe("LEASE_READY");
  expect(seen.flatMap((event) => (event.type === "lease-started" ? event.lease : []))).toEqual(["a", "b"]);
  // There was nothing to release.
  expect(said(controller).filter((call) => call.startsWith("release"))).toEqual([]);
});

test("a lease that ends while its beforeLease hook runs is never ready, and is tidied after the hook", async () => {
  const { controller, hooks } = await lease("beforeLease", "afterLease");
  await hooks.isRunning("beforeLease a");
  controller.say(undefined);
  // Until the exporter has heard it.
  await turn();
  hooks.succeed();
  await hooks.isRunning("beforeLease a", "afterLease a");
  hooks.succeed();
  await expect.poll(() => said(controller).at(-1)).toBe("AVAILABLE");
  expect(said(controller)).not.toContain("LEASE_READY");
});

test("an exporter that leaves in a lease runs its afterLease hook first", async () => {
  const { controller, hooks, keeper } = await lease("afterLease");
  await expect.poll(() => controller.calls.at(-1)).toBe("LEASE_READY");
  const left = keeper.leave();
  await hooks.isRunning("afterLease a");
  expect(controller.calls).not.toContain("OFFLINE");
  hooks.succeed();
  await left;
  expect(controller.calls.slice(-2)).toEqual(["OFFLINE", "unregister"]);
});

test("a release that the controller does not take is tried again; an old controller gets it with a status", async () => {
  const { controller, hooks } = await lease("beforeLease");
  await hooks.isRunning("beforeLease a");
  controller.failures.set("release a", 2);
  hooks.fail("endLease");
  await expect.poll(() => said(controller).at(-1)).toBe("AVAILABLE");
  expect(said(controller).filter((call) => call.startsWith("release"))).toEqual([
    "release a failed",
    "release a failed",
    "release a",
  ]);
  const old = await lease("beforeLease");
  old.controller.failures.set("release a", 1);
  old.controller.failureCode = 7;
  await old.hooks.isRunning("beforeLease a");
  old.hooks.fail("endLease");
  await expect.poll(() => said(old.controller).at(-1)).toBe("BEFORE_LEASE_HOOK_FAILED with release");
});
