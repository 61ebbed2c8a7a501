import { endianness } from "node:os";
import type { DescriptorLedger } from "./linux/system/descriptor-ledger.ts";
import type { MappedMemory } from "../../contract/thread/mapped-memory.ts";
import { TftpError } from "../../contract/errors.ts";
import type { ServerConfig } from "../../contract/options/server-config.ts";
import { DgramTransport } from "./dgram/dgram.ts";
import { type Libc, loadLibc } from "./linux/system/libc.ts";
import { NativeTransport } from "./linux/native.ts";
import { networkIsForbidden } from "./network-permission.ts";
import { LoopbackUnusable, selfTest } from "./self-test.ts";
import type { Transport } from "./transport.ts";

/** What a transport may need of its thread. */
export interface TransportDependencies {
  readonly ledger: DescriptorLedger;
  /** Without it, memory stays mapped if the thread does not end in good order. */
  readonly mapped?: MappedMemory | undefined;
  /** Whether an async operation is in flight in this thread: then the transport must not block it. */
  readonly mustNotSleep: () => boolean;
  /** The option `bindDevice`: only the native transport has that. */
  readonly bindDevice?: string | undefined;
  /** The option `ports` is "single": the well-known port is bound so that transfers can have sockets on it. */
  readonly isSinglePort?: boolean | undefined;
}

/**
 * The transport that was asked for; "auto" is the native one if it works here. `warn` gets the reason if it does not,
 * or if that cannot be tested since loopback does not work: then "native" is used untested, and "auto" is dgram.
 * @throws {TftpError} START_FAILED if "native" was asked for, or `bindDevice` needs it, and it does not work here.
 */
export async function chooseTransport(
  choice: ServerConfig["transport"],
  dependencies: TransportDependencies,
  warn: (message: string, cause: unknown) => void,
): Promise<Transport> {
  let loaded: Promise<Libc> | undefined;
  // Once: it unmaps what other threads have left, and would unmap what this one has by now.
  const libc = (): Promise<Libc> => (loaded ??= loadLibc(dependencies.mapped));
  if (choice === "dgram") return new DgramTransport(libc, dependencies);
  try {
    return await openNative(libc, dependencies, choice === "native" ? warn : undefined);
  } catch (error) {
    const message = `the native transport does not work here: ${(error as Error).message}`;
    const { bindDevice } = dependencies;
    if (bindDevice !== undefined) {
      throw new TftpError("START_FAILED", `bindDevice ${bindDevice} needs the native transport; ${message}`, {
        cause: error,
      });
    }
    if (choice === "native") throw new TftpError("START_FAILED", message, { cause: error });
    warn(`${message}; datagrams go through dgram`, error);
    return new DgramTransport(libc, dependencies);
  }
}

/** `warnUntested`: if loopback does not work, the transport is used all the same, and this gets the reason. */
async function openNative(
  libc: () => Promise<Libc>,
  { ledger, mustNotSleep, bindDevice }: TransportDependencies,
  warnUntested: ((message: string, cause: unknown) => void) | undefined,
): Promise<Transport> {
  const other = ["bun", "deno"].find((name) => process.versions[name] !== undefined);
  if (other) throw new Error(`it is for Node.js, this is ${other} ${process.versions[other]}`);
  // The structures that cross into the kernel are written for 64-bit little-endian Linux.
  const known = process.platform === "linux" && ["x64", "arm64"].includes(process.arch) && endianness() === "LE";
  if (!known) throw new Error(`it is for Linux on x64 and arm64, this is ${process.platform} on ${process.arch}`);
  if (networkIsForbidden()) throw new Error("Node's permission model forbids the network: node --allow-net permits it");
  const transport = new NativeTransport(await libc(), ledger, mustNotSleep);
  try {
    await selfTest(transport);
  } catch (error) {
    if (!warnUntested || !(error instanceof LoopbackUnusable)) {
      transport.close();
      throw error;
    }
    warnUntested(`the native transport could not be tested: ${error.message}`, error);
  }
  if (bindDevice !== undefined) transport.bindToDevice(bindDevice);
  return transport;
}
