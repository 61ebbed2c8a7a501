import { createSocket } from "node:dgram";
import { once } from "node:events";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import type { Tftp } from "../../src/index.ts";
import { Relay } from "../../test/helpers/relay.ts";
import type { S3Server } from "../../test/helpers/versitygw.ts";
import { median, serve } from "./warm.ts";

/** A round trip to a store elsewhere, in ms. */
const ROUND_TRIP = 100;
const OBJECTS = 9;

/** From the request to the first DATA of objects that were never asked for before, over a line that takes its time. */
export async function measureCold(store: S3Server): Promise<void> {
  const names = Array.from({ length: OBJECTS }, (_, index) => `cold-${index}`);
  for (const name of names) await store.put(name, Buffer.alloc(4 << 20, name));
  const relay = await new Relay(store.port).start();
  const tftp = await serve({ source: { ...store.source, endpoint: `http://127.0.0.1:${relay.port}` } });
  relay.delayMs = ROUND_TRIP;
  const taken: { ms: number; before: number }[] = [];
  for (const name of names) {
    taken.push(await firstByte(tftp, name, relay));
    // What was read ahead is not to meet the next one.
    await delay(5 * ROUND_TRIP);
  }
  const ms = median(taken.map((one) => one.ms));
  const before = median(taken.map((one) => one.before));
  console.log(`\ncold, a round trip to the store takes ${ROUND_TRIP} ms; medians of ${OBJECTS} objects`);
  console.log(`  first byte after ${ms.toFixed(1)} ms = ${(ms / ROUND_TRIP).toFixed(2)} round trips`);
  console.log(`  requests answered before it: ${before}`);
  await tftp.close();
  await relay.close();
}

async function firstByte(tftp: Tftp, name: string, relay: Relay): Promise<{ ms: number; before: number }> {
  const socket = createSocket("udp4");
  const begun = performance.now();
  relay.answered = 0;
  socket.send(Buffer.from(`\0\x01${name}\0octet\0`), await tftp.getPort(), await tftp.getHost());
  const [packet, from] = (await once(socket, "message")) as [Buffer, { address: string; port: number }];
  const taken = { ms: performance.now() - begun, before: relay.answered };
  if (packet[1] !== 3) throw new Error(`expected DATA, got ${packet.toString("latin1")}`);
  // It is not wanted any further.
  socket.send(Buffer.from([0, 5, 0, 0, 0]), from.port, from.address, () => socket.close());
  return taken;
}
