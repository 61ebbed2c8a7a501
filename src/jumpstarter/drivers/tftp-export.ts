import type { Tftp } from "../../main/tftp.ts";
import { checkCount } from "./arguments.ts";
import type { Call, DriverExport } from "./driver-export.ts";

/**
 * The calls of Jumpstarter's TftpServerClient. start() and stop() run to their end even if the client goes away: the
 * next one finds the server as it was asked to be.
 */
export function exportTftp(tftp: Tftp): DriverExport {
  const calls: Record<string, () => Promise<unknown>> = {
    start: async () => void (await tftp.start()),
    stop: () => tftp.stop(),
    get_host: () => tftp.getHost(),
    get_port: () => tftp.getPort(),
  };
  const entries = Object.entries(calls).map(([name, call]): [string, Call] => [
    name,
    async (args) => {
      checkCount(name, args, 0);
      return await call();
    },
  ]);
  return {
    clientClass: tftp.clientClass,
    calls: new Map(entries),
    streamingCalls: new Map(),
    release: async () => {},
  };
}
