import { expect, test } from "vitest";
import type { Transport } from "../../../../src/worker/transport/transport.ts";
import { freeRange } from "../../../helpers/free-range.ts";
import { request } from "../../../helpers/raw-packets.ts";
import { openHandler } from "../../../helpers/request-handler.ts";
import { MemoryFile } from "../../content/fixtures.ts";

/** On a busy machine, too. */
const patient = { timeout: 20_000 };

test("requests that wait for one port give way to the newest, and their files are closed at once", async () => {
  const ports = await freeRange("127.0.0.1", 1);
  const files: MemoryFile[] = [];
  const free: (() => void)[] = [];
  const slowToClose = (transport: Transport): Transport =>
    Object.assign(Object.create(transport) as Transport, {
      open: (...[local, client, onClosed]: Parameters<Transport["open"]>) =>
        transport.open(local, client, () => void free.push(onClosed ?? (() => {}))),
      listen: transport.listen.bind(transport),
      close: transport.close.bind(transport),
    });
  const open = async (): Promise<MemoryFile> => {
    const file = new MemoryFile(Buffer.from("hello"));
    files.push(file);
    return file;
  };
  const server = await openHandler(open, { ports, wrapTransport: slowToClose });
  await (await server.client()).request("0");
  for (const [index, name] of ["1", "2", "3"].entries()) {
    const client = await server.client();
    await client.send(request(name));
    await expect
      .poll(() => files.map(({ closes }) => closes), patient)
      .toEqual([...Array<number>(index + 1).fill(1), 0]);
    expect(server.transfers.size).toBe(1);
    if (name !== "3") continue;
    free[0]?.();
    expect((await client.receivePacket()).kind).toBe("data");
  }
  expect(server.reporter.counters.dropped["over-limit"]).toBe(2);
  expect(server.reported("transfer-ended")).toMatchObject([{ outcome: "evicted" }]);
  expect(server.reported("refused")).toEqual([]);
});
