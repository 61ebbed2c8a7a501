import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { Namespace } from "./namespace.ts";

/** /run of its own: the names of these namespaces are nobody else's, and are gone with the holder. */
const HOLD = "mount -t tmpfs none /run && mkdir /run/netns && ip link set lo up && echo ready && read -r _";
const TRIAL = "mount -t tmpfs none /run && mkdir /run/netns && ip netns add a && ip netns exec a nft add table inet t";

/**
 * A set of network namespaces. A process holds a mount namespace in which ip-netns(8) works: root's, or with a user
 * namespace of its own anybody's. Everything is gone when that process ends, and it ends with ours.
 */
export class Lab {
  readonly #holder: ChildProcessByStdio<Writable, Readable, null>;
  readonly #children = new Set<{ kill(signal: "SIGKILL"): boolean }>();

  private constructor(holder: ChildProcessByStdio<Writable, Readable, null>) {
    this.#holder = holder;
  }

  /** @throws {Error} if the system does not allow it; `networksAreAbsent()` tells beforehand. */
  static async open(): Promise<Lab> {
    const [program, ...args] = unshare(HOLD);
    const holder = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
    const ended = once(holder, "exit").then(([code]) => {
      throw new Error(`unshare: exit code ${String(code)}`);
    });
    ended.catch(() => {});
    await Promise.race([once(holder.stdout, "data"), ended]);
    return new Lab(holder);
  }

  /** What a command line begins with to run among these namespaces. */
  get prefix(): readonly string[] {
    const user = isRoot() ? [] : ["-U", "--preserve-credentials"];
    return ["nsenter", "-t", `${this.#holder.pid}`, ...user, "-n", "-m", "--"];
  }

  /** A new namespace, its loopback interface up. Forwarding is off; duplicate address detection, too. */
  async namespace(name: string): Promise<Namespace> {
    const namespace = new Namespace(name, this.prefix, this.#children);
    const [program = "", ...prefix] = this.prefix;
    const { status, stderr } = spawnSync(program, [...prefix, "ip", "netns", "add", name], { encoding: "utf8" });
    if (status !== 0) throw new Error(`ip netns add ${name}: ${stderr}`);
    await namespace.run("ip", "link", "set", "lo", "up");
    await namespace.sysctl("net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.all.accept_dad=0");
    // Every ICMP error counts here: the kernel would send one a second.
    await namespace.sysctl("net.ipv4.icmp_ratelimit=0", "net.ipv6.icmp.ratelimit=0");
    return namespace;
  }

  /** A cable between two new interfaces. Segmentation offload stays on, as between virtual machines. */
  async cable(a: Namespace, aName: string, b: Namespace, bName: string, mtu = 1_500): Promise<void> {
    await a.run("ip", "link", "add", "name", aName, "type", "veth", "peer", "name", bName, "netns", b.name);
    await a.run("ip", "link", "set", aName, "mtu", `${mtu}`, "txqueuelen", "10000", "up");
    await b.run("ip", "link", "set", bName, "mtu", `${mtu}`, "txqueuelen", "10000", "up");
  }

  /** Ends what still runs in the namespaces, and with it they go. */
  async close(): Promise<void> {
    for (const child of this.#children) child.kill("SIGKILL");
    if (this.#holder.exitCode !== null) return;
    this.#holder.stdin.end();
    await once(this.#holder, "exit");
  }
}

/** Whether tests in namespaces are to be skipped. With REQUIRE_CLIENTS=1 they never are, and fail. */
export function networksAreAbsent(): boolean {
  if (process.env["REQUIRE_CLIENTS"] === "1") return false;
  return whyAbsent() !== undefined;
}

/** Why there can be no namespaces here; undefined: there can. */
export function whyAbsent(): string | undefined {
  if (process.platform !== "linux") return "there are network namespaces on Linux only";
  const [program, ...args] = unshare(TRIAL);
  const { status, stderr, error } = spawnSync(program, args, { encoding: "utf8", timeout: 10_000 });
  if (error) return error.message;
  return status === 0 ? undefined : stderr.trim();
}

function unshare(script: string): readonly [string, ...string[]] {
  return ["unshare", ...(isRoot() ? [] : ["-U", "-r"]), "-n", "-m", "--", "sh", "-c", script];
}

function isRoot(): boolean {
  return process.geteuid?.() === 0;
}
