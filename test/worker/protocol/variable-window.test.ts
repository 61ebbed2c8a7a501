import { expect, test } from "vitest";
import { Dice, LossyLink, ModelClient } from "../../helpers/lossy-link.ts";
import { bytesOf, VirtualServer } from "../../helpers/virtual-link.ts";

const SEEDS = 200;
const content = bytesOf(39 * 8 + 1);
const asked = { blksize: "8", windowsize: "4", msftwindow: "31416" };
const generous = { variableWindow: true, maxWindowSize: 255 };

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
}

test("each ACK, that of the OACK too, says how many blocks the next window has", () => {
  const server = new VirtualServer({ content, options: asked, ...generous });
  expect(server.transfer.plan.granted).toEqual(
    new Map(Object.entries({ blksize: 8, windowsize: 4, msftwindow: 27_182 })),
  );
  expect(server.taken()).toEqual(["OACK"]);
  server.ack(0, 2);
  expect(server.taken()).toEqual(["1", "2"]);
  server.ack(2, 8);
  expect(server.taken()).toEqual(numbers(3, 10));
  server.ack(10, 1);
  expect(server.taken()).toEqual(["11"]);
  server.ack(11, 255);
  expect(server.taken()).toEqual(numbers(12, 40));
  // What the last ACK says means nothing.
  server.ack(40, 7);
  expect(server.outcome).toBe("complete");
});

test("an ACK that does not say, or says 0, leaves the window as it is", () => {
  const server = new VirtualServer({ content, options: asked, ...generous });
  server.ack(0);
  expect(server.taken()).toEqual(["OACK", "1", "2", "3", "4"]);
  server.ack(4, 0);
  expect(server.taken()).toEqual(["5", "6", "7", "8"]);
});

test("a client that shrinks its window at a loss gets the lost block, and no more than it asks for", () => {
  const server = new VirtualServer({ content, options: asked, ...generous });
  server.ack(0, 8);
  server.taken();
  server.now += 5;
  server.ack(3, 2);
  expect(server.taken()).toEqual(["4", "5"]);
  server.now += 5;
  server.ack(5, 2);
  expect(server.taken()).toEqual(["6", "7"]);
});

test("a repeated ACK that asks for a larger window gets the blocks that it adds, and none twice", () => {
  const server = new VirtualServer({ content, options: asked, ...generous });
  server.now += 10;
  server.ack(0, 2);
  server.taken();
  // Sooner than any answer to the two blocks can come.
  server.now += 1;
  server.ack(0, 4);
  expect(server.taken()).toEqual(["3", "4"]);
});

test("without the option, what stands behind an ACK is passed over", () => {
  const server = new VirtualServer({ content, options: asked, maxWindowSize: 255 });
  expect([...server.transfer.plan.granted.keys()]).toEqual(["blksize", "windowsize"]);
  server.ack(0, 9);
  expect(server.taken()).toEqual(["OACK", "1", "2", "3", "4"]);
});

test.each([0, 0.05, 0.2])(
  "with windows that change at each ACK the right bytes arrive on a way that loses %s",
  (share) => {
    let complete = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const dice = new Dice(seed);
      const bytes = bytesOf(dice.pick([0, 7, 8, 9, 100, 2_000]));
      const server = new VirtualServer({ content: bytes, options: asked, ...generous });
      const sizes = dice.pick([[1, 2, 3], [4, 8, 16, 64], [1, 255], [1]]);
      const client = new ModelClient(server, { ms: 1_000, retries: 8 }, "gaps", () => dice.pick(sizes as [number]));
      const faults = { loss: share, duplication: share, reordering: share, maxDelayMs: dice.pick([5, 50, 1_500]) };
      const link = new LossyLink(server, client, dice, faults);
      link.run(3_600_000);
      const told = `seed ${seed}: ${bytes.length} bytes, windows of ${sizes.join(", ")}, ${JSON.stringify(faults)}`;
      // "failed" would be blocks that are due, and that nothing sends.
      expect(["complete", "timed-out", "unconfirmed"], `${told}: an end`).toContain(server.outcome);
      expect(client.done !== "complete" || Buffer.compare(client.content, bytes) === 0, `${told}: the bytes`).toBe(
        true,
      );
      expect(server.outcome !== "complete" || client.done === "complete", `${told}: complete too early`).toBe(true);
      const bound = Math.max(4, ...sizes) * (1 + link.arrivals + server.transfer.retransmissions);
      expect(server.packetsSent, `${told}: the bound on packets`).toBeLessThanOrEqual(bound);
      if (client.done === "complete") complete++;
    }
    expect(complete).toBeGreaterThan(share === 0 ? SEEDS - 1 : SEEDS * 0.9);
  },
);

test("without a loss each block is sent once, whatever the windows", () => {
  for (let seed = 1; seed <= 100; seed++) {
    const dice = new Dice(seed);
    const server = new VirtualServer({ content: bytesOf(4_000), options: asked, ...generous });
    const client = new ModelClient(server, { ms: 5_000, retries: 8 }, "gaps", () => dice.between(1, 255));
    const link = new LossyLink(server, client, dice, { loss: 0, duplication: 0, reordering: 0, maxDelayMs: 1 });
    link.run(3_600_000);
    expect(client.done).toBe("complete");
    expect(Math.max(...link.copies.slice(1)), `seed ${seed}`).toBe(1);
  }
});
