import { Writable } from "node:stream";
import { pino } from "pino";
import { expect, test } from "vitest";
import { noise } from "../../helpers/raw-content.ts";
import { download } from "../../helpers/raw-download.ts";
import { TestServer } from "../../helpers/raw-server.ts";

/** pino's numbers for its levels. */
const levels: Readonly<Record<number, string>> = { 20: "debug", 30: "info", 40: "warn", 50: "error" };

test("with pino a boot is one info line a file, and names that a board only tries are debug", async () => {
  const lines: Record<string, unknown>[] = [];
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
      done();
    },
  });
  const logger = pino({ level: "debug" }, sink);
  const server = new TestServer({ logger }, { kernel: noise(700), initrd: noise(900) });
  await server.start();
  const board = await server.client();
  await board.ask("pxelinux.cfg/01-88-99-aa-bb-cc-dd");
  for (const file of ["kernel", "initrd"]) await download(await server.client(), file, { options: [["tsize", "0"]] });
  await server.tftp.snapshot();
  await server.close();
  const told = lines.map(
    ({ level, msg }) => `${levels[level as number]}: ${(msg as string).replace(/\d+ ms/, "N ms")}`,
  );
  expect(told.filter((line) => !line.startsWith("debug"))).toEqual([
    `info: listening on 127.0.0.1:${server.wellKnown.port}`,
    expect.stringMatching(/^info: kernel to 127\.0\.0\.1:\d+: 700 B in N ms, .*\/s$/),
    expect.stringMatching(/^info: initrd to 127\.0\.0\.1:\d+: 900 B in N ms, .*\/s$/),
    "info: stopped",
  ]);
  expect(told).toContainEqual(
    expect.stringMatching(/^debug: pxelinux\.cfg\/01-88-99-aa-bb-cc-dd to 127\.0\.0\.1:\d+: refused, not found$/),
  );
  expect(lines.find(({ outcome }) => outcome === "complete")).toMatchObject({
    type: "transfer-ended",
    file: "kernel",
    client: { address: "127.0.0.1" },
    blockSize: 512,
  });
});
