import { beforeEach, expect, test, vi } from "vitest";
import { resolveOptions } from "../../../../src/contract/options/resolve-options.ts";
import type { TftpOptions } from "../../../../src/contract/options/options.ts";
import { Listening } from "../../../../src/worker/server/listening/listening.ts";
import type { Report } from "../../../../src/worker/transfers/reporter.ts";
import type { Transport } from "../../../../src/worker/transport/transport.ts";

beforeEach(() => void vi.useFakeTimers());
const receiver = { onRequest: () => {}, onNotUnicast: () => {}, onReplyLost: () => {}, onError: () => {} };

/** A machine with one interface, whose addresses change as its test says. */
class FakeMachine {
  addresses: string[] = ["10.0.0.1"];
  isPresent = true;
  isComplete = true;
  isWatched = true;
  /** What can be bound although no interface lists it. */
  bindable: string[] = [];
  /** What cannot be bound, and why. */
  readonly refused = new Map<string, string>();
  defaultRoute: string | undefined = "10.0.0.1";
  /** Transfers share the port until it resolves. */
  sharing: Promise<void> | undefined;
  readonly bound = new Set<string>();
  readonly reports: Report[] = [];
  looks = 0;
  #onChange: () => void = () => {};

  readonly transport = {
    name: "native",
    listen: async ({ address, port }) => {
      const code = this.bound.has(address) ? "EADDRINUSE" : this.refused.get(address);
      if (code !== undefined) throw Object.assign(new Error(`bind ${code}`), { code });
      this.bound.add(address);
      let isClosing = false;
      const close = async (): Promise<void> => {
        isClosing = true;
        await this.sharing;
        if (isClosing) this.bound.delete(address);
      };
      const resume = (): boolean => {
        isClosing = false;
        return this.bound.has(address);
      };
      return { bound: { address, port }, reply: () => {}, share: () => undefined, close, resume };
    },
    interfaces: () => {
      this.looks++;
      const list = this.isPresent ? [{ name: "eth1", index: 2, addresses: this.addresses }] : [];
      return { list, isComplete: this.isComplete };
    },
    watchInterfaces: (onChange: () => void) => {
      this.#onChange = onChange;
      return this.isWatched ? () => {} : undefined;
    },
    canBind: async (address: string) => this.bindable.includes(address),
  } as Pick<Transport, "name" | "listen" | "interfaces" | "watchInterfaces" | "canBind"> as Transport;

  async open(options: TftpOptions, isRestart = false): Promise<Listening> {
    const listening = new Listening({
      config: resolveOptions({ port: 69, ...options }).server,
      transport: this.transport,
      receiver,
      reporter: { report: (report) => void this.reports.push(report) },
      isRestart,
      findDefault: async () => this.defaultRoute,
    });
    await listening.open();
    listening.announce();
    return listening;
  }

  /** The kernel reports a change, and what follows from it is done. */
  async change(addresses: readonly string[]): Promise<void> {
    this.addresses = [...addresses];
    this.note();
    await vi.advanceTimersByTimeAsync(100);
  }

  note(): void {
    this.#onChange();
  }

  get said(): string[] {
    return this.reports.splice(0).map((report) => {
      if (report.type === "listening") return `listening ${report.addresses.map(({ host }) => host).join()}`;
      if (report.type === "listening-address") return `${report.change} ${report.host}`;
      return report.type === "warning" ? report.message : report.type;
    });
  }
}

test("addresses that come and go are bound and closed, and each change is reported once", async () => {
  const machine = new FakeMachine();
  const listening = await machine.open({ host: "eth1" });
  expect(machine.said).toEqual(["listening 10.0.0.1"]);
  await machine.change(["10.0.0.1", "10.0.0.2"]);
  expect(machine.said).toEqual(["added 10.0.0.2"]);
  await machine.change(["10.0.0.1", "10.0.0.2"]);
  expect(machine.said).toEqual([]);
  await machine.change(["10.0.0.2"]);
  expect(machine.said).toEqual(["removed 10.0.0.1", "listening 10.0.0.2"]);
  await machine.change([]);
  expect(machine.said).toEqual(["removed 10.0.0.2"]);
  expect(listening.addresses).toEqual([]);
  expect(listening.bound).toEqual({ address: "10.0.0.2", port: 69 });
  await machine.change(["10.0.0.2"]);
  expect(machine.said).toEqual(["added 10.0.0.2"]);
  await listening.close();
  expect(machine.bound.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test("an address that comes back while transfers still share its port takes requests again at once", async () => {
  const machine = new FakeMachine();
  let endTransfers: (() => void) | undefined;
  machine.sharing = new Promise((resolve) => (endTransfers = resolve));
  const listening = await machine.open({ host: "eth1" });
  for (let flap = 0; flap < 3; flap++) {
    await machine.change([]);
    await machine.change(["10.0.0.1"]);
  }
  const once = ["removed 10.0.0.1", "added 10.0.0.1"];
  expect(machine.said).toEqual(["listening 10.0.0.1", ...once, ...once, ...once]);
  expect(listening.addresses).toEqual([{ address: "10.0.0.1", port: 69 }]);
  endTransfers?.();
  await vi.advanceTimersByTimeAsync(0);
  expect([...machine.bound]).toEqual(["10.0.0.1"]);
  await listening.close();
  expect(machine.bound.size).toBe(0);
});

test("changes within 50 ms are one look, and an idle machine is not looked at", async () => {
  const machine = new FakeMachine();
  const listening = await machine.open({ host: "eth1" });
  const before = machine.looks;
  for (let count = 0; count < 10; count++) {
    machine.note();
    await vi.advanceTimersByTimeAsync(4);
  }
  await vi.advanceTimersByTimeAsync(100);
  expect(machine.looks - before).toBe(1);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(machine.looks - before).toBe(1);
  expect(vi.getTimerCount()).toBe(0);
  await listening.close();
});

test("where the system reports no changes, it is looked every 2 s", async () => {
  const machine = new FakeMachine();
  machine.isWatched = false;
  const listening = await machine.open({ host: "eth1" });
  machine.addresses.push("10.0.0.2");
  await vi.advanceTimersByTimeAsync(2_000);
  expect(machine.said).toEqual(["listening 10.0.0.1", "added 10.0.0.2"]);
  await listening.close();
  expect(vi.getTimerCount()).toBe(0);
});

test("all addresses, and those of loopback, are not looked at", async () => {
  const machine = new FakeMachine();
  const listening = await machine.open({ host: ["0.0.0.0", "::1"] });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(machine.looks).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
  await listening.close();
});

test("an interface without a carrier is not listed, and its address stays while it can be bound", async () => {
  const machine = new FakeMachine();
  machine.isComplete = false;
  const listening = await machine.open({ host: "eth1" });
  machine.bindable = ["10.0.0.1"];
  await machine.change([]);
  expect(machine.said).toEqual(["listening 10.0.0.1"]);
  machine.bindable = [];
  await machine.change([]);
  expect(machine.said).toEqual(["removed 10.0.0.1"]);
  await listening.close();
});

test("each new address of the default route is followed, again until that has worked, and a lost route is not", async () => {
  const machine = new FakeMachine();
  const listening = await machine.open({ host: "" });
  machine.defaultRoute = undefined;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(machine.said).toEqual(["listening 10.0.0.1"]);
  machine.defaultRoute = "10.0.0.2";
  machine.addresses = ["10.0.0.2"];
  machine.refused.set("10.0.0.2", "EADDRINUSE");
  await vi.advanceTimersByTimeAsync(20_000);
  expect(machine.said).toEqual(["the default route leaves from 10.0.0.2 now, but the server stays on 10.0.0.1"]);
  machine.refused.clear();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(machine.said).toEqual(["added 10.0.0.2", "removed 10.0.0.1", "listening 10.0.0.2"]);
  await listening.close();
});

test("a new address that cannot be bound yet is tried again, and reported only if that goes on", async () => {
  const machine = new FakeMachine();
  const listening = await machine.open({ host: "eth1" });
  machine.refused.set("fd00::1", "EADDRNOTAVAIL");
  await machine.change(["10.0.0.1", "fd00::1"]);
  await vi.advanceTimersByTimeAsync(1_000);
  machine.refused.clear();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(machine.said).toEqual(["listening 10.0.0.1", "added fd00::1"]);
  machine.refused.set("fd00::2", "EADDRNOTAVAIL");
  await machine.change(["10.0.0.1", "fd00::2"]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(machine.said).toEqual(["removed fd00::1", "the server cannot listen on fd00::2, and tries again"]);
  await listening.close();
});

test("a start waits for an interface, and one that does not come is named after the time", async () => {
  const machine = new FakeMachine();
  machine.isPresent = false;
  const opening = machine.open({ host: "eth1", waitForAddress: 5_000 });
  await vi.advanceTimersByTimeAsync(4_000);
  expect(machine.said).toEqual(["the server waits: host: there is no interface eth1 (this machine has none)"]);
  machine.isPresent = true;
  await machine.change(["10.0.0.1"]);
  const listening = await opening;
  expect(machine.said).toEqual(["listening 10.0.0.1"]);
  await listening.close();

  machine.isPresent = false;
  const failing = machine.open({ host: "eth1", waitForAddress: 5_000 }).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(await failing).toMatchObject({ code: "ADDRESS_NOT_AVAILABLE" });
  expect(vi.getTimerCount()).toBe(0);
});

test("after a crash what is gone is left out, and bound when it comes; what is taken fails the restart", async () => {
  const machine = new FakeMachine();
  machine.isPresent = false;
  const listening = await machine.open({ host: ["eth1", "10.0.0.9"] }, true);
  expect(machine.said).toEqual([]);
  machine.isPresent = true;
  await machine.change(["10.0.0.1"]);
  expect(machine.said).toEqual(["added 10.0.0.1", "listening 10.0.0.1"]);
  await listening.close();
  machine.refused.set("10.0.0.1", "EADDRINUSE");
  await expect(machine.open({ host: "eth1" }, true)).rejects.toMatchObject({ code: "ADDRESS_IN_USE" });
});
