import { expect, onTestFinished, test, vi } from "vitest";
import { openHandles } from "../helpers/open-handles.ts";
import type { RawClient } from "../helpers/raw-client.ts";
import { quietPort } from "../helpers/quiet-port.ts";
import { noise } from "../helpers/raw-content.ts";
import { download } from "../helpers/raw-download.ts";
import { ack, request } from "../helpers/raw-packets.ts";
import { TestServer, startServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";
import { Gate } from "../worker/content/fixtures.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const small = noise(3_000);
const image = noise(400_000, 2);
const files = { "small.bin": small, "image.bin": image };
const windowed = {
  options: [
    ["blksize", "1024"],
    ["windowsize", "8"],
  ],
} as const;

describeOnEachTransport("many clients", (transport) => {
  test("1,000 transfers at once get the right bytes: 48 boards on one image, a slow client, a mute one, and the rest", async () => {
    const server = await startServer({ transport, retransmitMs: 10_000 }, files);
    const [slow, mute, ...others] = await openClients(server, 1_000);
    if (!slow || !mute) throw new Error("no clients");
    const [boards, rest] = [others.slice(0, 48), others.slice(48)];
    await requestAll(server, [slow, mute, ...rest], request("small.bin"));
    const allRun = new Gate();
    let windows = 0;
    let longestWait = 0;
    const images = boards.map(async (board) => {
      let since: number | undefined;
      const onBlock = async (block: number): Promise<void> => {
        if (block === 1) await allRun.closed;
        if (block % 8 === 1) {
          if (since !== undefined) longestWait = Math.max(longestWait, windows - since);
          windows++;
        } else if (block % 8 === 0) since = windows;
      };
      return (await download(board, "image.bin", { ...windowed, onBlock })).content;
    });
    await expect.poll(async () => (await server.tftp.snapshot()).transfers.length).toBe(1_000);
    allRun.open();

    const slowly = fetchRest(slow, 700);
    const smalls = await Promise.all(rest.map((client) => fetchRest(client)));
    expect(smalls.every((content) => content.equals(small))).toBe(true);
    expect((await Promise.all(images)).every((content) => content.equals(image))).toBe(true);
    // None starves: while a board waits for its next window, the others get a quarter of the image at most.
    expect(longestWait).toBeLessThan(boards.length * 12);
    expect(await slowly).toEqual(small);
    expect(await server.endOf(slow)).toMatchObject({ outcome: "complete" });
    expect((await server.tftp.snapshot()).transfers.map(({ client }) => client.port)).toEqual([mute.port]);
  });

  test.runIf(process.platform === "linux")(
    "1,000 clients that vanish after the OACK leave nothing behind",
    async () => {
      const server = await startServer({ transport, retransmitMs: 100, maxRetries: 2 }, files);
      const clients = await openClients(server, 1_000);
      const before = openHandles();
      await requestAll(server, clients, request("small.bin", windowed));
      await expect.poll(() => server.ended.length).toBe(1_000);
      expect(new Set(server.ended.map(({ outcome }) => outcome))).toEqual(new Set(["timed-out"]));
      expect((await server.tftp.snapshot()).transfers).toEqual([]);
      await expect.poll(openHandles).toBeLessThanOrEqual(before);
    },
    60_000,
  );
});

test.runIf(process.platform === "linux")(
  "30 cycles of start, a transfer aborted midway, and stop leave nothing behind",
  async () => {
    const server = new TestServer({ port: await quietPort() }, files);
    onTestFinished(() => server.close());
    const cycle = async (): Promise<void> => {
      await server.start();
      const client = await server.client();
      await client.request("image.bin");
      await client.send(ack(1));
      await client.awaitBlock(2);
      await server.tftp.stop();
      client.close();
    };
    await cycle();
    const before = openHandles();
    for (let round = 0; round < 30; round++) await cycle();
    await expect.poll(openHandles).toBeLessThanOrEqual(before);
    expect(server.ended.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 31 }, () => "server-stopped"));
  },
);

/** In portions that fit the receive buffer of the well-known port: what is lost there, real clients ask for again. */
async function requestAll(server: TestServer, clients: readonly RawClient[], bytes: Buffer): Promise<void> {
  for (let begin = 0; begin < clients.length; begin += 100) {
    const portion = clients.slice(begin, begin + 100);
    await Promise.all(portion.map((client) => client.send(bytes)));
    const arrived = async (): Promise<number> => (await server.counters()).requests;
    await expect.poll(arrived).toBe(begin + portion.length);
  }
}

function openClients(server: TestServer, count: number): Promise<RawClient[]> {
  return Promise.all(Array.from({ length: count }, () => server.client()));
}

/** Lock-step, from block 1 on, which is on its way already; waits before each ACK. */
async function fetchRest(client: RawClient, pauseMs = 0): Promise<Buffer> {
  const payloads: Buffer[] = [];
  for (;;) {
    const { bytes, from } = await client.receive(30_000);
    const block = bytes.readUInt16BE(2);
    // A retransmission crossed the ACK, or a server of another test thinks of a client that had this port.
    if (bytes.readUInt16BE(0) !== 3 || block !== payloads.length + 1) continue;
    payloads.push(bytes.subarray(4));
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    await client.send(ack(block), from);
    if (bytes.length < 516) return Buffer.concat(payloads);
  }
}
