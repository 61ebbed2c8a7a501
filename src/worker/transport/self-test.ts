import { setImmediate, setTimeout } from "node:timers/promises";
import type { Endpoint } from "../../contract/endpoint.ts";
import { isNetworkError } from "./network-errors.ts";
import type { Channel, Transport } from "./transport.ts";

const LOOPBACK: Endpoint = { address: "127.0.0.1", port: 0 };
/** Datagrams over loopback are there at once: the event loop finds them in one of its next turns. */
const TURNS = 20;
/** Counted in pauses, so that a stalled thread does not lose patience. */
const MAX_PAUSES = 250;
/** In ms. */
const PAUSE = 1;
/** Two full segments and a shorter one, as the last window of a file. */
const SEGMENT = 100;
const LENGTHS = [SEGMENT, SEGMENT, 50];
/** A second transfer may get the first one's socket. */
const ROUNDS = 2;
/** A token of this length stands in every piece of this length, wherever a window is cut. Both in bytes. */
const TOKEN = 9;
const PIECE = TOKEN + 1;

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
  // It need not be secret: it only tells these datagrams from others. node:crypto takes 2 ms to load.
  const token = Buffer.from(Array.from({ length: TOKEN }, () => Math.floor(Math.random() * 256)));
  const arrived: string[] = [];
  const errors: Error[] = [];
  const onError = (error: Error): void => void errors.push(error);
  const listener = await transport.listen(LOOPBACK, {
    onRequest: (bytes, client, local) => {
      // Any program on this machine can send to the port, and what was sent to the port's last owner may arrive late.
      if (!Buffer.from(bytes).includes(token)) return;
      arrived.push(`${bytes.length} bytes ${bytes[0]} from ${client.address} to ${local.address}`);
    },
    onNotUnicast: (client) => void arrived.push(`a broadcast from ${client.address}`),
    onReplyLost: onError,
    onError,
  });
  try {
    for (let round = 1; round <= ROUNDS; round++) {
      const channel = await transport.open(LOOPBACK, listener.bound);
      channel.attach({ onDatagram: () => {}, onWritable: () => {}, onError });
      const isOver = (): boolean => errors.length > 0 || arrived.length >= LENGTHS.length;
      await sendWindow(channel, windowWith(token), isOver);
      if (errors[0]) throw errors[0];
      expectWindow(arrived.splice(0));
    }
  } finally {
    await listener.close();
  }
}

/** Sends the window, waits until `isOver`, or in vain, and closes the channel. */
async function sendWindow(channel: Channel, bytes: Uint8Array, isOver: () => boolean): Promise<void> {
  try {
    channel.send(bytes, 0, bytes.length, SEGMENT);
    for (let turns = 0; turns < TURNS && !isOver(); turns++) await setImmediate();
    for (let pauses = 0; pauses < MAX_PAUSES && !isOver(); pauses++) await setTimeout(PAUSE);
  } finally {
    channel.close();
  }
}

/** Each segment begins with its number, and consists of that and the token, over and over. */
function windowWith(token: Uint8Array): Uint8Array {
  const length = LENGTHS.reduce((sum, each) => sum + each);
  return Uint8Array.from({ length }, (_, index) =>
    index % PIECE === 0 ? Math.floor(index / SEGMENT) : (token[(index % PIECE) - 1] ?? 0),
  );
}

function expectWindow(arrived: readonly string[]): void {
  const expected = LENGTHS.map((length, index) => `${length} bytes ${index} from 127.0.0.1 to 127.0.0.1`);
  if (arrived.join() === expected.join()) return;
  if (arrived.length === 0) throw new LoopbackUnusable("no datagram arrived: loopback is filtered or down");
  throw new Error(`expected [${expected.join("; ")}], got [${arrived.join("; ")}]`);
}
