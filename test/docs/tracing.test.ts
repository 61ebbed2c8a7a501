import { expect, test } from "vitest";
import { NodeProgram } from "../helpers/node-program.ts";
import { markedSnippet, projectWith } from "./run-snippet.ts";

/** Serves two files, the second to a client that gives up, and prints the spans that were made of that. */
const program = `
import { createSocket } from "node:dgram";
import { trace } from "@opentelemetry/api";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { Tftp } from "tftp-driver";

const exporter = new InMemorySpanExporter();
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
await import("./snippet.mts");

const tftp = new Tftp({ rootDir: "boot", host: "127.0.0.1", port: 0, journal: false });
tftp.addFile("*", "hello, board\\n");
const { port } = await tftp.start();
for (const [file, reply] of [["one.bin", [0, 4, 0, 1]], ["other.bin", [0, 5, 0, 0, 0]]]) {
  const ended = tftp.waitForTransfer({ file });
  const socket = createSocket("udp4").on("message", (_, { port }) => socket.send(Uint8Array.from(reply), port, "127.0.0.1"));
  socket.send(Buffer.from(\`\\0\\x01\${file}\\0octet\\0\`), port, "127.0.0.1");
  await ended;
  socket.close();
}
await tftp.close();
for (const { name, kind, attributes, status, duration } of exporter.getFinishedSpans()) {
  console.log(JSON.stringify({ name, kind, attributes, status, duration, port }));
}
`;

test("the OpenTelemetry example makes one server span a transfer, with its file, client and outcome", async () => {
  const directory = projectWith({ "main.mjs": program, "snippet.mts": markedSnippet("opentelemetry") });
  const child = new NodeProgram(["--import", import.meta.resolve("tsx"), "main.mjs"], { cwd: directory });
  const spans = (await child.lines(2)).map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(await child.end()).toBe(0);
  const common = { "network.protocol.name": "tftp", "client.address": "127.0.0.1", "server.address": "127.0.0.1" };
  expect(spans).toMatchObject([
    { name: "RRQ", attributes: { ...common, "file.path": "one.bin", "tftp.outcome": "complete", "tftp.bytes": 13 } },
    { name: "RRQ", attributes: { ...common, "file.path": "other.bin", "tftp.outcome": "client-error" } },
  ]);
  expect(spans[0]).toMatchObject({ kind: 1, attributes: { "server.port": spans[0]?.["port"] }, status: { code: 0 } });
});
