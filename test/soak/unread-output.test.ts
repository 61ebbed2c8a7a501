import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { request } from "../helpers/raw-packets.ts";
import { Cli } from "../helpers/cli.ts";

const root = mkdtempSync(join(tmpdir(), "tftp-unread-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test.each([["--json"], ["--plain"]])(
  "a server whose output (%s) is not read answers on, and ends by SIGTERM with exit code 0",
  async (mode) => {
    const cli = new Cli(["serve", root, "--host", "127.0.0.1", "--port", "0", mode]);
    const [first = ""] = await cli.lines(1);
    const port = Number(/"port":(\d+)/.exec(first)?.[1] ?? /:(\d+)$/.exec(first)?.[1]);
    cli.process.stdout.pause();
    // More than the pipe, this process and the output hold.
    await refusals(port, 8_000);
    const ended = once(cli.process, "exit");
    cli.process.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
  },
);

/** Asks for a missing file with a long name, and waits for the ERROR each time. */
async function refusals(port: number, count: number): Promise<void> {
  const socket = createSocket("udp4");
  const datagram = request("missing/".repeat(60));
  let asking: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    let answers = 0;
    const ask = (): void => socket.send(datagram, port, "127.0.0.1");
    asking = setInterval(ask, 100);
    socket.on("message", () => (++answers < count ? ask() : resolve()));
    socket.bind(0, "127.0.0.1", () => Array.from({ length: 8 }, ask));
  });
  clearInterval(asking);
  socket.close();
}
