import { expect } from "vitest";
import { type AckStyle, Dice, type Faults, flawless, LossyLink, ModelClient } from "./lossy-link.ts";
import { bytesOf, VirtualServer } from "./virtual-link.ts";

export interface Played {
  /** Virtual ms until the client had everything. */
  readonly ms: number;
  /** DATA packets sent for each block. */
  readonly copies: readonly number[];
  /** DATA packets sent. */
  readonly packets: number;
  readonly retransmissions: number;
}

export interface Play {
  readonly blocks: number;
  readonly windowSize: number;
  readonly blockSize?: number;
  readonly style?: AckStyle;
  readonly faults?: Partial<Faults>;
  readonly seed?: number;
  /** What follows block 65535. */
  readonly rollover?: 0 | 1;
  /** Silence before the client repeats itself. */
  readonly clientMs?: number;
}

/** A whole download over a virtual link, checked byte by byte. */
export function play(how: Play): Played {
  const { blocks, windowSize, blockSize = 8, rollover = 0, style, faults, seed = 1, clientMs = 5_000 } = how;
  const content = bytesOf(blocks * blockSize - 1);
  const options = {
    blksize: `${blockSize}`,
    ...(windowSize > 1 && { windowsize: `${windowSize}` }),
    ...(rollover > 0 && { rollover: `${rollover}` }),
  };
  const server = new VirtualServer({ content, options });
  const client = new ModelClient(server, { ms: clientMs, retries: 20 }, style);
  const link = new LossyLink(server, client, new Dice(seed), { ...flawless, ...faults });
  const ms = link.run(3_600_000);
  expect(client.done).toBe("complete");
  expect(Buffer.compare(client.content, content)).toBe(0);
  const copies = link.copies.slice(1);
  const packets = copies.reduce((sum, count) => sum + count, 0);
  return { ms, copies, packets, retransmissions: server.transfer.retransmissions };
}
