import { TftpError } from "../../contract/errors.ts";
import type { Driver } from "../../main/driver.ts";
import { type Call, type DriverExport, pythonName, type StreamingCall } from "./driver-export.ts";

/** Never called from afar: the exporter itself closes what it exports. */
const NOT_EXPORTED = "close";

/**
 * Any driver that names its `clientClass`: its `exportedMethods` under their Python names. An async generator is a call
 * with many results; every other method has one.
 * @throws {TftpError} INVALID_OPTION if it names no class, or a method that it has not.
 */
export function exportOwn(driver: Driver): DriverExport {
  const { clientClass } = driver;
  if (clientClass === undefined) {
    throw new TftpError("INVALID_OPTION", `${driver.name}: expected a driver with a clientClass, to be exported`);
  }
  const calls = new Map<string, Call>();
  const streamingCalls = new Map<string, StreamingCall>();
  for (const name of driver.exportedMethods) {
    if (name === NOT_EXPORTED) continue;
    const method: unknown = (driver as unknown as Record<string, unknown>)[name];
    if (typeof method !== "function") {
      throw new TftpError("INVALID_OPTION", `${driver.name}: exportedMethods names ${name}, which is no method of it`);
    }
    if (isGenerator(method)) streamingCalls.set(pythonName(name), (args) => method.apply(driver, [...args]) as never);
    else calls.set(pythonName(name), async (args) => (await method.apply(driver, [...args])) as unknown);
  }
  return { clientClass, calls, streamingCalls, release: async () => {} };
}

function isGenerator(method: object): boolean {
  return Object.prototype.toString.call(method) === "[object AsyncGeneratorFunction]";
}
