import { endianness } from "node:os";
import type { DescriptorLedger } from "../../contract/descriptors.ts";
import { TftpError } from "../../contract/errors.ts";
import type { ServerConfig } from "../../contract/options.ts";
import { DgramTransport } from "./dgram/dgram.ts";
import { loadLibc } from "./linux/libc.ts";
import { NativeTransport } from "./linux/native.ts";
import { selfTest } from "./self-test.ts";
import type { Transport } from "./transport.ts";

/** What a transport may need of its surroundings. */
export interface TransportDependencies {
  readonly ledger: DescriptorLedger;
  /** Something in this thread waits for the event loop. */
  readonly mustNotSleep: () => boolean;
}

/**
 * The transport that was asked for; "auto" is the native one where it works, and `explain` then hears why it does not.
 * @throws {TftpError} START_FAILED where "native" was asked for and does not work here.
 */
export async function chooseTransport(
  choice: ServerConfig["transport"],
  dependencies: TransportDependencies,
  explain: (message: string, cause: unknown) => void,
): Promise<Transport> {
  if (choice === "dgram") return new DgramTransport();
  try {
    return await openNative(dependencies);
  } catch (error) {
    const message = `the native transport does not work here: ${(error as Error).message}`;
    if (choice === "native") throw new TftpError("START_FAILED", message, { cause: error });
    explain(`${message}; datagrams go through dgram`, error);
    return new DgramTransport();
  }
}

async function openNative({ ledger, mustNotSleep }: TransportDependencies): Promise<Transport> {
  // The structures that cross into the kernel are written for 64-bit little-endian Linux.
  const known = process.platform === "linux" && ["x64", "arm64"].includes(process.arch) && endianness() === "LE";
  if (!known) throw new Error(`it is for Linux on x64 and arm64, this is ${process.platform} on ${process.arch}`);
  const transport = new NativeTransport(await loadLibc(), ledger, mustNotSleep);
  try {
    await selfTest(transport);
    return transport;
  } catch (error) {
    transport.close();
    throw error;
  }
}
