import { expect, test, vi } from "vitest";
import { Dice } from "../helpers/lossy-link.ts";
import { data, request } from "../helpers/raw-packets.ts";
import { sharedServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const DATAGRAMS = 100_000;
/** Fewer than the smallest receive buffer holds: what is lost on its way proves nothing. */
const BURST = 100;

const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 1_000_000);

describeOnEachTransport(`${DATAGRAMS} datagrams of noise (FUZZ_SEED=${seed})`, (transport) => {
  const server = sharedServer({ transport, retransmitMs: 10, maxRetries: 1 }, { "hello.txt": "hello", "b.bin": "b" });

  test("datagrams of noise are all counted, the next request is served, and nothing is held", async () => {
    const dice = new Dice(seed);
    const clients = await Promise.all(Array.from({ length: 8 }, () => server.client()));
    const expected = await answered(server);
    for (let sent = 0; sent < DATAGRAMS; sent += BURST) {
      const client = clients[(sent / BURST) % clients.length]!;
      await Promise.all(Array.from({ length: BURST }, () => client.send(noise(dice), server.wellKnown)));
      await expect.poll(() => answered(server), { interval: 1 }).toBe(expected + sent + BURST);
      client.discard();
    }
    await expect.poll(async () => (await server.tftp.snapshot()).transfers).toEqual([]);
    const client = await server.client();
    expect((await client.request("hello.txt")).bytes).toEqual(data(1, "hello"));
    expect(server.tftp.state).toBe("running");
  });
});

/** How many datagrams the well-known port has dealt with. */
async function answered(server: ReturnType<typeof sharedServer>): Promise<number> {
  const { requests, refused, dropped } = await server.counters();
  return requests + sum(refused) + sum(dropped);
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

/** Pure noise, packets of all kinds with noise in them, and requests that are damaged a little. */
function noise(dice: Dice): Buffer {
  const kind = dice.between(0, 3);
  if (kind === 0) return bytes(dice, dice.between(0, 64));
  if (kind === 1) return Buffer.concat([Buffer.of(0, dice.between(0, 9)), bytes(dice, dice.between(0, 600))]);
  const options = [
    ["blksize", `${dice.between(0, 70_000)}`] as const,
    ["windowsize", `${dice.between(0, 99)}`] as const,
  ];
  const whole = request(dice.pick(["hello.txt", "b.bin", "missing", "../x"]), {
    mode: dice.pick(["octet", "netascii", "mail"]),
    options: options.slice(dice.between(0, 2)),
  });
  for (let damage = dice.between(0, 3); damage > 0; damage--) {
    whole[dice.between(0, whole.length - 1)] = dice.between(0, 255);
  }
  return whole.subarray(0, dice.next() < 0.2 ? dice.between(0, whole.length) : whole.length);
}

function bytes(dice: Dice, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => dice.between(0, 255)));
}
