import { existsSync } from "node:fs";
import { expect, vi } from "vitest";
import { isAbsent } from "../client-programs.ts";
import type { Child, Namespace } from "./namespace.ts";

/** A virtual machine whose network card is a TAP device of a namespace, and whose serial console is read and written. */
export class VirtualMachine {
  readonly #child: Child;
  output = "";
  #read = 0;

  private constructor(child: Child) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("latin1").on("data", (text: string) => (this.output += text));
    }
  }

  /** Boots on the namespace's TAP device. It is killed when the lab closes. */
  static boot(at: Namespace, program: string, ...args: string[]): VirtualMachine {
    const console = ["-nographic", "-no-reboot", "-nodefaults", "-serial", "stdio"];
    const network = ["-netdev", "tap,id=n,ifname=tap0,script=no,downscript=no"];
    return new VirtualMachine(at.spawn(program, ...console, ...network, ...args));
  }

  /** Waits until the console shows it, behind what was waited for before. Returns what came up to there. */
  async shows(pattern: RegExp, withinMs = 80_000): Promise<string> {
    return vi.waitFor(
      () => {
        const rest = this.output.slice(this.#read);
        const match = pattern.exec(rest);
        expect(match, `${pattern} in ${JSON.stringify(rest.slice(-2_000))}`).not.toBeNull();
        const end = (match?.index ?? 0) + (match?.[0].length ?? 0);
        this.#read += end;
        return rest.slice(0, end);
      },
      { timeout: withinMs, interval: 50 },
    );
  }

  /** Types a line. */
  type(line: string): void {
    this.press(`${line}\r`);
  }

  press(keys: string): void {
    this.#child.stdin.write(keys);
  }
}

/** Makes the TAP device of a virtual machine, with an address of the namespace, before a server binds that. */
export async function addTap(at: Namespace, address: string): Promise<void> {
  await at.run("ip", "tuntap", "add", "dev", "tap0", "mode", "tap");
  await at.addAddresses("tap0", address);
  await at.run("ip", "link", "set", "tap0", "up");
}

/** Whether tests of firmware are to be skipped: the emulator or its image is not installed. */
export function firmwareIsAbsent(program: string, ...files: readonly string[]): boolean {
  if (process.env["REQUIRE_CLIENTS"] === "1") return false;
  return isAbsent(program, ["--version"]) || !files.every((file) => existsSync(file));
}
