import { setTimeout } from "node:timers/promises";
import type { Endpoint } from "../../contract/events.ts";
import { isNetworkError } from "./network-errors.ts";
import type { Transport } from "./transport.ts";

const LOOPBACK: Endpoint = { address: "127.0.0.1", port: 0 };
/** Datagrams over loopback are there at once. Counted in pauses, so that a stalled thread does not lose patience. */
const MAX_PAUSES = 250;
/** In ms. */
const PAUSE = 1;
/** Two full segments and a shorter one, as the last window of a file. */
const SEGMENT = 100;
const LENGTHS = [SEGMENT, SEGMENT, 50];
/** A second transfer may get the first one's socket. */
const ROUNDS = 2;

/** Nothing can be sent to ourselves: loopback is down or filtered, which says nothing about the transport. */
export class LoopbackUnusable extends Error {}

/**
 * Sends a few datagrams to itself over loopback. The first round that fails is the last.
 * @throws {LoopbackUnusable} if none arrived, or the system refused to send them.
 * @throws {Error} if they did not arrive as they were sent. Both messages say what was seen.
 */
export async function selfTest(transport: Transport): Promise<void> {
  try {
    await exchange(transport);
  } catch (error) {
    const isLoopbacks = error instanceof LoopbackUnusable || isNetworkError(error);
    const message = `loopback self-test: ${(error as Error).message}`;
    throw isLoopbacks ? new LoopbackUnusable(message, { cause: error }) : new Error(message, { cause: error });
  }
}

async function exchange(transport: Transport): Promise<void> {
  const arrived: string[] = [];
  const errors: Error[] = [];
  const onError = (error: Error): void => void errors.push(error);
  const listener = await transport.listen(LOOPBACK, {
    onRequest: (bytes, client, local) =>
      void arrived.push(`${bytes.length} bytes ${bytes[0]} from ${client.address} to ${local.address}`),
    onNotUnicast: (client) => void arrived.push(`a broadcast from ${client.address}`),
    onReplyLost: onError,
    onError,
  });
  try {
    for (let round = 1; round <= ROUNDS; round++) {
      await sendWindow(transport, listener.bound, onError, () => errors.length > 0 || arrived.length >= LENGTHS.length);
      if (errors[0]) throw errors[0];
      expectWindow(arrived.splice(0));
    }
  } finally {
    await listener.close();
  }
}

/** Sends one window, and waits until `isOver`, or in vain. */
async function sendWindow(
  transport: Transport,
  to: Endpoint,
  onError: (error: Error) => void,
  isOver: () => boolean,
): Promise<void> {
  const channel = await transport.open(LOOPBACK, to);
  try {
    const length = LENGTHS.reduce((sum, each) => sum + each);
    const bytes = Uint8Array.from({ length }, (_, index) => Math.floor(index / SEGMENT));
    channel.attach({ onDatagram: () => {}, onWritable: () => {}, onError });
    channel.send(bytes, 0, bytes.length, SEGMENT);
    for (let pauses = 0; pauses < MAX_PAUSES && !isOver(); pauses++) await setTimeout(PAUSE);
  } finally {
    channel.close();
  }
}

function expectWindow(arrived: readonly string[]): void {
  const expected = LENGTHS.map((length, index) => `${length} bytes ${index} from 127.0.0.1 to 127.0.0.1`);
  if (arrived.join() === expected.join()) return;
  if (arrived.length === 0) throw new LoopbackUnusable("no datagram arrived: loopback is filtered or down");
  throw new Error(`expected [${expected.join("; ")}], got [${arrived.join("; ")}]`);
}
