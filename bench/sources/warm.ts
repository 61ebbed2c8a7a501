import { readdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { Tftp, type TftpOptions } from "../../src/index.ts";
import type { S3Server } from "../../test/helpers/versitygw.ts";
import { runLoad, whyInvalid } from "../load.ts";
import type { Work } from "../work.ts";

export interface WarmParts {
  readonly store: S3Server;
  /** The directory with the same files. */
  readonly plain: string;
  readonly cacheDir: string;
  readonly load: string;
  readonly sizesKiB: readonly number[];
}

const ROUNDS = 7;

/** So much goes over the wire in a run, in KiB. */
const RUN_KIB = 409_600;

/** Takes turns, so that whatever else the machine does meets both. */
export async function measureWarm({ store, plain, cacheDir, load, sizesKiB }: WarmParts): Promise<void> {
  const directory = await serve({ rootDir: plain });
  const cached = await serve({ source: store.source, cacheDir });
  console.log("\nwarm, one client, blksize 1468, windowsize 16; medians of MB/s");
  for (const [index, fileKiB] of sizesKiB.entries()) {
    const work = { id: "warm", fileKiB, blockSize: 1_468, windowSize: 16, clients: 1, transfers: RUN_KIB / fileKiB };
    const run = (server: Tftp): Promise<number> => speedOf(server, work, plain, load);
    await Promise.all([run(directory), run(cached)]);
    while (readdirSync(cacheDir).filter((name) => name.endsWith(".entry")).length <= index) await delay(50);
    const speeds: [number, number][] = [];
    for (let round = 0; round < ROUNDS; round += 1) speeds.push([await run(directory), await run(cached)]);
    const [one, other] = [median(speeds.map(([speed]) => speed)), median(speeds.map(([, speed]) => speed))];
    // Of the two in one round: what else the machine does has met both.
    const percent = Math.round(100 * median(speeds.map(([plainly, fromSource]) => fromSource / plainly)));
    console.log(`  ${fileKiB / 1_024} MiB: plain file ${one.toFixed(0)}, source ${other.toFixed(0)} (${percent} %)`);
  }
  await directory.close();
  await cached.close();
}

export async function serve(options: TftpOptions): Promise<Tftp> {
  const tftp = new Tftp({ host: "127.0.0.1", port: 0, journal: false, startTimeoutMs: 30_000, ...options });
  await tftp.start();
  return tftp;
}

/** In MB/s. */
async function speedOf(server: Tftp, work: Work, directory: string, load: string): Promise<number> {
  const target = { host: await server.getHost(), port: await server.getPort() };
  const result = await runLoad(load, work, directory, target, [0, 1]);
  const invalid = whyInvalid(result, work);
  if (invalid !== undefined) throw new Error(invalid);
  return result.bytes / result.seconds / 1e6;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
