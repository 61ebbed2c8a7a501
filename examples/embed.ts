// A driver inside a program of yours: npx tsx examples/embed.ts
import { join } from "node:path";
import { Tftp } from "../src/index.ts";

await using tftp = new Tftp({ rootDir: join(import.meta.dirname, "tftpboot"), host: "127.0.0.1", port: 0 });
tftp.on("transfer-ended", ({ file, client, outcome, bytes }) => {
  console.log(`${file} to ${client.address}: ${outcome}, ${bytes} bytes`);
});

const { host, port } = await tftp.start();
const url = `tftp://${host}:${port}/hello.txt`;
console.log(`serving for 30 s; fetch ${url}`);

// Your program's own work goes here; the server has a thread, and does not mind.
await new Promise((resolve) => setTimeout(resolve, 30_000));
