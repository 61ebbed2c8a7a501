import { expect, test } from "vitest";
import { NodeProgram } from "../helpers/node-program.ts";
import { markedSnippet, projectWith } from "./run-snippet.ts";

/** What a board does with a driver whose logger a page shows: it gets a file, and asks for one that is not there. */
const board = `
import { createSocket } from "node:dgram";
tftp.addFile("kernel", "hello, board\\n");
const { port } = await tftp.start();
for (const [file, reply, type] of [["kernel", [0, 4, 0, 1], "transfer-ended"], ["nope", [], "refused"]]) {
  const over = tftp.once(type);
  const socket = createSocket("udp4").on("message", (_, { port }) => socket.send(Uint8Array.from(reply), port, "127.0.0.1"));
  socket.send(Buffer.from(\`\\0\\x01\${file}\\0octet\\0\`), port, "127.0.0.1");
  await over;
  socket.close();
}
await tftp.start(); // a warning
await tftp.close();
`;

type Line = { readonly level: string; readonly text: string; readonly details?: unknown };
const levels: Readonly<Record<number, string>> = { 30: "info", 40: "warn", 50: "error" };

test.each<[string, (line: string) => Line]>([
  [
    "pino",
    (line) => {
      const { level, msg, ...details } = JSON.parse(line) as { level: number; msg: string };
      return { level: levels[level] ?? "other", text: msg, details };
    },
  ],
  [
    "winston",
    (line) => {
      const { level, message, details } = JSON.parse(line) as { level: string; message: string; details: unknown };
      return { level, text: message, details };
    },
  ],
  ["console", (line) => ({ level: "unknown", text: line.replace(/^tftp: /, "") })],
])("with the %s of the page a boot is one line a file, and a warning is one", async (name, read) => {
  const directory = projectWith({ "main.mjs": `${markedSnippet(`logger-${name}`)}\n${board}` });
  const child = new NodeProgram(["--import", import.meta.resolve("tsx"), "main.mjs"], {
    cwd: directory,
    env: { ...process.env, XDG_STATE_HOME: directory },
  });
  expect(await child.end(), child.stderr).toBe(0);
  const lines = (child.stdout + child.stderr).trim().split("\n").map(read);
  expect(lines.map(({ text }) => text).sort()).toEqual([
    expect.stringMatching(/^kernel to 127\.0\.0\.1:\d+: 13 B in .*\/s$/),
    expect.stringMatching(/^listening on 127\.0\.0\.1:\d+$/),
    "start: the server is already running",
    "stopped",
  ]);
  if (name === "console") return;
  expect(lines.map(({ level }) => level).sort()).toEqual(["info", "info", "info", "warn"]);
  expect(lines.map(({ details }) => details)).toContainEqual(
    expect.objectContaining({ type: "transfer-ended", file: "kernel", outcome: "complete" }),
  );
  expect(lines.map(({ details }) => details)).toContainEqual(
    expect.objectContaining({ type: "warning", message: "start: the server is already running" }),
  );
});
