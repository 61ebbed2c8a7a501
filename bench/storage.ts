// How much memory storage takes to write a big file, and how fast it is: node --import tsx bench/storage.ts [MIB]
// Ends with exit code 1 if a write takes 64 MiB or more beyond what the process had before. A stream has fresh memory
// for each piece, and leaves it to the garbage collector: what that takes depends on when it runs, and is only printed.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { Tftp } from "../src/index.ts";
import { processMemory } from "./proc.ts";

const MIB = 1024 * 1024;
const LIMIT = 64 * MIB;
/** What a socket or a pipe hands over at a time. */
const PIECE = 64 * 1024;

const size = Number(process.argv[2] ?? 1_024) * MIB;
const directory = mkdtempSync(join(tmpdir(), "tftp-storage-"));
const tftp = new Tftp({ rootDir: join(directory, "root"), journal: join(directory, "journals") });

async function* pieces(next: () => Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < size; at += PIECE) yield next().fill(at / PIECE);
}

async function measure(what: string, write: () => Promise<unknown>): Promise<number> {
  // Whatever is loaded on first use is not what is measured.
  await tftp.storage.write("warm-up", Readable.from([Buffer.alloc(MIB)]));
  const { now: before } = processMemory(process.pid);
  let most = 0;
  const timer = setInterval(() => (most = Math.max(most, processMemory(process.pid).now - before)), 5);
  const began = performance.now();
  await write();
  const seconds = (performance.now() - began) / 1_000;
  clearInterval(timer);
  const [mib, extra] = [size / MIB, most / MIB];
  console.log(`${what}: ${mib} MiB in ${seconds.toFixed(2)} s, ${extra.toFixed(1)} MiB of extra memory`);
  return most;
}

try {
  const memory = Buffer.alloc(PIECE);
  const taken = [
    await measure("write, from one piece of memory", () =>
      tftp.storage.write(
        "image",
        pieces(() => memory),
      ),
    ),
    await measure("writeFromPath, from a disk", () =>
      tftp.storage.writeFromPath("copy", join(directory, "root/image")),
    ),
  ];
  const fresh = (): Buffer => Buffer.alloc(PIECE);
  await measure("write, from a stream", () => tftp.storage.write("image", Readable.from(pieces(fresh))));
  if (Math.max(...taken) >= LIMIT) process.exitCode = 1;
} finally {
  await tftp.close();
  rmSync(directory, { recursive: true });
}
