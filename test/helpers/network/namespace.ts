import { type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { promisify } from "node:util";

export type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const execute = promisify(execFile);

/** A network namespace of a lab: a machine of its own, as far as the network goes. */
export class Namespace {
  readonly name: string;
  readonly #prefix: readonly string[];
  readonly #children: Set<{ kill(signal: "SIGKILL"): boolean }>;

  constructor(name: string, prefix: readonly string[], children: Set<{ kill(signal: "SIGKILL"): boolean }>) {
    this.name = name;
    this.#prefix = prefix;
    this.#children = children;
  }

  /** What a command line begins with to run here. */
  get prefix(): readonly string[] {
    return [...this.#prefix, "ip", "netns", "exec", this.name];
  }

  /** Runs a program here to its end, and returns what it printed. @throws {Error} with its stderr if it fails. */
  async run(program: string, ...args: readonly string[]): Promise<string> {
    const [first = "", ...rest] = [...this.prefix, program, ...args];
    const { stdout } = await execute(first, rest, { timeout: 30_000 });
    return stdout;
  }

  /** Starts a program here. It is killed when the lab closes. */
  spawn(...command: readonly string[]): Child {
    const [first = "", ...rest] = [...this.prefix, ...command];
    const child = spawn(first, rest, { stdio: ["pipe", "pipe", "pipe"] });
    this.#children.add(child);
    child.once("exit", () => this.#children.delete(child));
    // Its own end says why it does not listen any more.
    child.stdin.on("error", () => {});
    return child;
  }

  async sysctl(...settings: readonly string[]): Promise<void> {
    await this.run("sysctl", "-q", "-w", ...settings);
  }

  /** Addresses with their prefix lengths, such as "10.9.0.1/24"; they can be used at once. */
  async addAddresses(device: string, ...addresses: readonly string[]): Promise<void> {
    for (const address of addresses) {
      const flags = address.includes(":") ? ["nodad"] : ["broadcast", "+"];
      await this.run("ip", "address", "add", address, "dev", device, ...flags);
    }
  }

  /** `to` is "default" or a network; IPv6 if the gateway is. */
  async addRoute(to: string, gateway: string): Promise<void> {
    await this.run("ip", gateway.includes(":") ? "-6" : "-4", "route", "add", to, "via", gateway);
  }

  /**
   * Adds rules to a chain of its own at a hook, such as "input" or "output".
   * @returns what takes the whole chain away again, as a firewall does that is loaded anew.
   */
  async filter(hook: "input" | "output" | "forward", ...rules: readonly string[]): Promise<() => Promise<void>> {
    const lines = rules.map((rule) => `    ${rule}`).join("\n");
    const chain = `  chain c {\n    type filter hook ${hook} priority 0; policy accept;\n${lines}\n  }`;
    await this.run("nft", `add table inet ${hook}; delete table inet ${hook}; table inet ${hook} {\n${chain}\n}`);
    return async () => void (await this.run("nft", "delete", "table", "inet", hook));
  }

  /** What the counters of that hook's rules have counted, in the order of the rules. */
  async counted(hook: "input" | "output" | "forward"): Promise<readonly number[]> {
    const text = await this.run("nft", "list", "table", "inet", hook);
    return [...text.matchAll(/counter packets (\d+)/g)].map(([, packets]) => Number(packets));
  }
}
