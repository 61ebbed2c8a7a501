import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Child, Namespace } from "./namespace.ts";

/** What a link does to frames. Everything but the delay may hold in one direction only. */
export interface LinkFaults {
  readonly seed?: number;
  /** One way, in microseconds. */
  readonly delayUs?: number;
  /** Chances, 0 to 1. A frame that is reordered skips the delay, and so overtakes those before it. */
  readonly loss?: number;
  readonly reorder?: number;
  readonly duplicate?: number;
  /** The bottleneck, in bits a second, and the bytes that may wait before it; what is over that is lost. */
  readonly bitsPerSecond?: number;
  readonly queueBytes?: number;
  /** The rate at which the first end's frames reach the bottleneck, in bits a second. */
  readonly ingressBitsPerSecond?: number;
  /** Only from the first end to the second. */
  readonly oneWay?: boolean;
}

/** Frames of one direction since the faults were set. */
export interface LinkCounts {
  readonly in: number;
  readonly out: number;
  readonly lost: number;
  readonly overflowed: number;
}

/** A link between two new TAP devices, run by a program of its own (link/main.c). It ends with the lab. */
export class Link {
  readonly #child: Child;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: Child) {
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stderr.resume();
  }

  /** `program` is what `compileLink()` made; `wrapper`, such as taskset, runs it. */
  static async open(
    program: string,
    [a, aName]: readonly [Namespace, string],
    [b, bName]: readonly [Namespace, string],
    wrapper: readonly string[] = [],
  ): Promise<Link> {
    const child = a.spawn(...wrapper, program, a.name, aName, b.name, bName);
    const link = new Link(child);
    const exited = once(child, "exit");
    const started = await Promise.race([link.#lines.next(), exited.then(() => undefined)]);
    if (started?.value !== "ready") throw new Error("the link emulator did not start");
    for (const [end, name] of [
      [a, aName],
      [b, bName],
    ] as const) {
      await end.run("ip", "link", "set", name, "mtu", "1500", "txqueuelen", "20000", "up");
    }
    return link;
  }

  /** Drops what is under way, sets the faults, and returns the counts of both directions since the last time. */
  async set(faults: LinkFaults): Promise<readonly [LinkCounts, LinkCounts]> {
    const { seed = 1, delayUs = 0, loss = 0, reorder = 0, duplicate = 0, oneWay = false } = faults;
    const { bitsPerSecond = 0, queueBytes = 1e12, ingressBitsPerSecond = 0 } = faults;
    const rates = [bitsPerSecond / 8, queueBytes, ingressBitsPerSecond / 8];
    this.#child.stdin.write(`${[seed, Number(oneWay), delayUs, loss, reorder, duplicate, ...rates].join(" ")}\n`);
    const { value } = await this.#lines.next();
    if (value === undefined) throw new Error("the link emulator ended");
    return JSON.parse(value as string) as [LinkCounts, LinkCounts];
  }
}

/** Compiles the emulator. Its bench has to be as quick as the network that it stands for. */
export function compileLink(into: string): string {
  const directory = join(import.meta.dirname, "link");
  const sources = readdirSync(directory).filter((name) => name.endsWith(".c"));
  execFileSync(process.env["CC"] ?? "cc", ["-O2", "-o", into, ...sources.map((name) => join(directory, name))], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  return into;
}

/** Why there can be no such link here; undefined: there can. */
export function whyNoLink(): string | undefined {
  try {
    accessSync("/dev/net/tun", constants.R_OK | constants.W_OK);
    execFileSync(process.env["CC"] ?? "cc", ["--version"], { stdio: "ignore" });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
