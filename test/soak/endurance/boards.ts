import { type Fetch, fetchFile } from "./board.ts";
import type { ServedFiles } from "./files.ts";

export interface BoardCounts {
  /** How many boards there are: a crash or restart ends the transfer of each, and RFC 1350 has no word for that. */
  readonly count: number;
  complete: number;
  /** Complete, but not the bytes of any version of the file: there must be none. */
  wrong: string[];
  errors: Record<string, number>;
  gaveUp: Record<string, number>;
  died: number;
  bytes: number;
}

const names = [
  "small.bin",
  "board1/kernel",
  "exact.bin",
  "empty",
  "replaced.bin",
  "rewritten.bin",
  "uploaded.bin",
  "virtual/a",
  "bad-sector.bin",
];
const shapes: readonly Pick<Fetch, "blockSize" | "windowSize">[] = [
  { blockSize: 0, windowSize: 1 },
  { blockSize: 1_468, windowSize: 1 },
  { blockSize: 1_468, windowSize: 16 },
  { blockSize: 1_468, windowSize: 64 },
  { blockSize: 8_192, windowSize: 4 },
];

/** Boards that fetch one file after the other, some on lossy lines, some of which are switched off in mid-transfer. */
export async function runBoards(
  count: number,
  port: () => number,
  files: ServedFiles,
  signal: AbortSignal,
): Promise<BoardCounts> {
  const counts: BoardCounts = { count, complete: 0, wrong: [], errors: {}, gaveUp: {}, died: 0, bytes: 0 };
  await Promise.all(Array.from({ length: count }, (_, index) => runBoard(index, port, files, counts, signal)));
  return counts;
}

async function runBoard(
  index: number,
  port: () => number,
  files: ServedFiles,
  counts: BoardCounts,
  signal: AbortSignal,
): Promise<void> {
  for (let turn = index; !signal.aborted; turn++) {
    const file = names[turn % names.length] as string;
    const shape = shapes[(turn + index) % shapes.length] as (typeof shapes)[number];
    // Lock-step of 512 bytes takes one round trip for each: the large file is for the others.
    if (shape.blockSize === 0 && file === "board1/kernel") continue;
    const dieAfter = turn % 23 === 0 ? 3 : undefined;
    const fetched = await fetchFile({ ...shape, file, port: port(), loss: index % 3 === 0 ? 0.01 : 0, dieAfter });
    if (fetched.kind === "died") counts.died++;
    else if (fetched.kind === "error") add(counts.errors, `${file}: ERROR ${fetched.code}`);
    else if (fetched.kind === "gave-up") add(counts.gaveUp, file);
    else if (file.startsWith("virtual/") || files.digests.get(file)?.has(fetched.digest)) {
      counts.complete++;
      counts.bytes += fetched.bytes;
    } else counts.wrong.push(`${file} (${shape.blockSize} x ${shape.windowSize}, ${fetched.bytes} bytes)`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function add(sums: Record<string, number>, key: string): void {
  sums[key] = (sums[key] ?? 0) + 1;
}
