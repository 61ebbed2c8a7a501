// Our server as a user runs it: the built package, in a process of its own, so that /proc tells what it costs.
// usage: node ours.mjs PORT DIR TRANSPORT
import { Tftp } from "../../dist/index.js";

const [port, rootDir, transport] = process.argv.slice(2);
const tftp = new Tftp({
  host: "127.0.0.1",
  port: Number(port),
  rootDir,
  transport,
  // All clients of a load come from one address.
  maxTransfersPerClient: 1_024,
});
tftp.on("warning", (event) => console.error(event));
await tftp.start();
process.once("SIGTERM", () => void tftp.close());
