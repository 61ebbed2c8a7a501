// A driver in a process of its own, so that it can run in a network namespace. Its options are JSON in the first
// argument. It prints each event as a line of JSON, the counters for a line of input, and ends with its input.
import { createInterface } from "node:readline";
import { Tftp, type TftpOptions } from "../../../src/index.ts";

const tftp = new Tftp(JSON.parse(process.argv[2] ?? "{}") as TftpOptions);
tftp.on("*", (event) => print(event));
createInterface({ input: process.stdin })
  .on("line", () => void tftp.snapshot().then(({ counters }) => print({ type: "counters", counters })))
  .once("close", () => void tftp.close().then(() => process.exit()));
await tftp.start().catch(({ code, message }: NodeJS.ErrnoException) => {
  print({ type: "start-failed", code, message });
  process.exit(1);
});

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
