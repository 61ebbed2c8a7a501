import { describe, expect, test } from "vitest";
import { Dice, type Faults, LossyLink, ModelClient } from "../../helpers/lossy-link.ts";
import { bytesOf, VirtualServer } from "../../helpers/virtual-link.ts";

/** Of each kind of link; a failure names its seed, and `play(seed, …)` then does the same again. */
const SEEDS = 1_000;
const HOUR = 3_600_000;
const sizes = [0, 1, 511, 512, 513, 5_000, 20_000] as const;
const windows = ["1", "2", "4", "7", "16", "64"] as const;

const links: readonly (readonly [name: string, share: number])[] = [
  ["5 %", 0.05],
  ["20 %", 0.2],
];

describe.each(links)("a link that loses, doubles and reorders up to %s of the datagrams", (_, share) => {
  test(`a lossy link delivers the right bytes, or ends cleanly, under ${SEEDS} seeds, within the bound on packets`, () => {
    const ends = { complete: 0, "gave-up": 0 };
    for (let seed = 1; seed <= SEEDS; seed++) ends[play(seed, share)]++;
    // It takes bad luck to fail: mostly all four of the first packets, before an ACK has proved the client's address.
    expect(ends.complete).toBeGreaterThan(SEEDS * 0.97);
  });
});

function play(seed: number, share: number): "complete" | "gave-up" {
  const dice = new Dice(seed);
  const content = bytesOf(dice.pick(sizes));
  const options =
    dice.next() < 0.1 ? {} : { windowsize: dice.pick(windows), blksize: dice.pick(["512", "64", "1024"]) };
  const faults: Faults = {
    loss: dice.next() * share,
    duplication: dice.next() * share,
    reordering: dice.next() * share,
    maxDelayMs: dice.pick([5, 50, 1_500]),
  };
  const server = new VirtualServer({ content, options });
  const client = new ModelClient(server, { ms: dice.pick([700, 1_000, 5_000]), retries: 8 });
  const link = new LossyLink(server, client, dice, faults);
  link.run(HOUR);

  const told = `seed ${seed}: ${content.length} bytes, ${JSON.stringify(options)}, ${JSON.stringify(faults)}`;
  expect(server.outcome, `${told}: an end`).toBeDefined();
  expect(server.transfer.deadline, `${told}: no timer left`).toBe(Infinity);
  expect(client.done, `${told}: an end at the client`).toBeDefined();
  const wrong = client.done === "complete" && Buffer.compare(client.content, content) !== 0;
  expect(wrong, `${told}: wrong bytes`).toBe(false);
  const early = server.outcome === "complete" && client.done !== "complete";
  expect(early, `${told}: complete, and the client has not got it all`).toBe(false);
  expect(server.packetsSent, `${told}: the bound on packets`).toBeLessThanOrEqual(packetBound(server, link));
  return client.done ?? "gave-up";
}

/** The start, each datagram that arrives, and each retransmission draw one window at most. */
function packetBound({ transfer }: VirtualServer, link: LossyLink): number {
  return transfer.plan.windowSize * (1 + link.arrivals + transfer.retransmissions);
}
