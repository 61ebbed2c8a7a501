// Our server as a user runs it: the built package, in a process of its own, so that /proc tells what it costs.
// usage: node ours.mjs HOST PORT DIR TRANSPORT PORTS
import { Tftp } from "../../dist/index.js";

const [host, port, rootDir, transport, ports] = process.argv.slice(2);
const tftp = new Tftp({
  host,
  port: Number(port),
  rootDir,
  transport,
  ports,
  // All clients of a load come from one address.
  maxTransfersPerClient: 1_024,
});
tftp.on("warning", (event) => console.error(event));
await tftp.start();
process.once("SIGTERM", () => void tftp.close());
