import type { Datagram, RawClient } from "./raw-client.ts";
import { ack, decode, type RequestShape } from "./raw-packets.ts";

export interface Download {
  readonly content: Buffer;
  /** Which OACK came; undefined where none did. */
  readonly granted: Readonly<Record<string, string>> | undefined;
  /** Absolute number of the last block. */
  readonly lastBlock: number;
}

/** Says whether that arrival of that block (absolute number) is to be lost; `arrival` counts from 1. */
export type Loss = (block: number, arrival: number) => boolean;

export interface DownloadShape extends RequestShape {
  readonly loses?: Loss;
  /** Runs when the block was taken, before it is acknowledged. */
  readonly onBlock?: (block: number) => void | Promise<void>;
}

/**
 * Fetches a file as RFC 1350 and RFC 7440 say a client does: it takes blocks in order only, acknowledges the end of
 * each window, and says at once where a block is missing.
 */
export async function download(client: RawClient, file: string, shape: DownloadShape = {}): Promise<Download> {
  const loses = shape.loses ?? (() => false);
  let reply = await client.request(file, shape);
  const first = decode(reply.bytes);
  const granted = first.kind === "oack" ? first.options : undefined;
  const blockSize = Number(granted?.["blksize"] ?? 512);
  const windowSize = Number(granted?.["windowsize"] ?? 1);
  // What follows block 65535.
  const rollover = Number(granted?.["rollover"] ?? 0);
  const period = 65_536 - rollover;
  const numberOf = (block: number): number => (block < 65_536 ? block : ((block - rollover) % period) + rollover);
  const payloads: Buffer[] = [];
  const arrivals = new Map<number, number>();
  let acknowledged = 0;
  let missing = -1;
  if (granted) {
    await client.send(ack(0));
    reply = await fromPeer(client);
  }
  for (;;) {
    const packet = decode(reply.bytes);
    if (packet.kind === "oack") {
      // Its ACK crossed a retransmission.
      reply = await fromPeer(client);
      continue;
    }
    if (packet.kind !== "data") throw new Error(`expected DATA, got ${JSON.stringify(packet)}`);
    const expected = payloads.length + 1;
    // The wire has 16 bits of the number; a window reaches nowhere near half the circle.
    const ahead = (packet.block - numberOf(expected) + period) % period;
    const block = expected + (ahead < 32_768 ? ahead : ahead - period);
    const arrival = (arrivals.get(block) ?? 0) + 1;
    if (shape.loses) arrivals.set(block, arrival);
    if (!loses(block, arrival)) {
      if (block === expected) {
        payloads.push(packet.payload);
        missing = -1;
        await shape.onBlock?.(block);
        const last = packet.payload.length < blockSize;
        if (last || block - acknowledged === windowSize) {
          await client.send(ack(numberOf(block)));
          acknowledged = block;
        }
        if (last) return { content: Buffer.concat(payloads), granted, lastBlock: block };
      } else if (block > expected && missing !== expected) {
        // Once for each gap: the rest of the window is on its way already.
        missing = expected;
        await client.send(ack(numberOf(payloads.length)));
        acknowledged = payloads.length;
      }
    }
    reply = await fromPeer(client);
  }
}

/** What strangers send is not for us (RFC 1350 section 4); another server may think of a client that had our port. */
async function fromPeer(client: RawClient): Promise<Datagram> {
  for (;;) {
    const datagram = await client.receive();
    if (datagram.from.port === client.peer.port && datagram.from.address === client.peer.address) return datagram;
  }
}
