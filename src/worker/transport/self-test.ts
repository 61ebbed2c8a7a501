import { setTimeout } from "node:timers/promises";
import type { Endpoint } from "../../contract/events.ts";
import type { Transport } from "./transport.ts";

const LOOPBACK: Endpoint = { address: "127.0.0.1", port: 0 };
/** In ms, of PAUSE each; mostly one pause is enough. */
const PATIENCE = 2_000;
const PAUSE = 1;
/** Two full segments and a shorter one, as the last window of a file. */
const SEGMENT = 100;
const LENGTHS = [SEGMENT, SEGMENT, 50];
/** A second transfer may get the first one's socket. */
const ROUNDS = 2;

/** Sends a few datagrams to itself over loopback. @throws where they do not arrive as they should. */
export async function selfTest(transport: Transport): Promise<void> {
  const arrived: string[] = [];
  const noted = (what: string): void => void arrived.push(what);
  const listener = await transport.listen(LOOPBACK, {
    onRequest: (bytes, client, local) =>
      noted(`${bytes.length} bytes ${bytes[0]} from ${client.address} to ${local.address}`),
    onError: (error) => noted(error.message),
  });
  const bytes = Uint8Array.from({ length: 250 }, (_, index) => Math.floor(index / SEGMENT));
  for (let round = 1; round <= ROUNDS; round++) {
    const channel = await transport.open(LOOPBACK, listener.bound);
    channel.attach({ onDatagram: () => {}, onWritable: () => {}, onError: (error) => noted(error.message) });
    channel.send(bytes, 0, bytes.length, SEGMENT);
    const end = performance.now() + PATIENCE;
    while (arrived.length < round * LENGTHS.length && performance.now() < end) await setTimeout(PAUSE);
    channel.close();
  }
  await listener.close();
  const expected = Array.from({ length: ROUNDS }, () =>
    LENGTHS.map((length, index) => `${length} bytes ${index} from 127.0.0.1 to 127.0.0.1`),
  ).flat();
  if (arrived.join() !== expected.join()) throw new Error(`loopback self-test: got [${arrived.join("; ")}]`);
}
