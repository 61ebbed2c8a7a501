// Run as a process of its own: what goes wrong here takes the whole process down. Ends threads in the middle of
// transfers, one after the other on one port, and prints how many it has survived.
import { createSocket } from "node:dgram";
import { join } from "node:path";
import type { ServerConfig } from "../../src/contract/options/server-config.ts";
import { resolveOptions } from "../../src/contract/options/resolve-options.ts";
import { WorkerLink } from "../../src/main/server/thread/worker-rpc.ts";
import { quietPort } from "./quiet-port.ts";

const ROUNDS = 5;
const RRQ = Buffer.from("\0\x01pattern.bin\0octet\0blksize\x008\0", "latin1");
const rootDir = join(import.meta.dirname, "../../examples/tftpboot");
const transport = process.argv[2] as ServerConfig["transport"];

const port = await quietPort();
let survived = 0;
while (survived < ROUNDS) {
  const link = new WorkerLink({ onEvents: () => {}, openStore: async () => "", provideFile: async () => "not-mine" });
  const { server } = resolveOptions({ rootDir, host: "127.0.0.1", port, transport });
  await link.call("start", server, 1);
  await transferUnderWay(port);
  await link.terminate();
  survived++;
}
console.log(`survived ${survived}`);

/** Acknowledges whatever comes, and resolves once DATA has come. */
async function transferUnderWay(wellKnown: number): Promise<void> {
  const client = createSocket("udp4").unref();
  await new Promise<void>((resolve) => {
    client.on("message", (packet, { port: tid }) => {
      const isData = packet[1] === 3;
      if (isData) resolve();
      client.send(isData ? [Buffer.of(0, 4), packet.subarray(2, 4)] : Buffer.of(0, 4, 0, 0), tid, "127.0.0.1");
    });
    client.send(RRQ, wellKnown, "127.0.0.1");
  });
}
