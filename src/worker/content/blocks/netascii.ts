import type { ContentFile } from "../content.ts";
import { readPromised } from "./load-chunk.ts";

const LF = 0x0a;
const CR = 0x0d;
const NUL = 0x00;

/** Read and translated in one go: the thread serves others in between. */
const STRIDE = 64 * 1024;

/** A place before which everything was translated: byte `source` of the file is byte `translated` of the result. */
interface Checkpoint {
  readonly source: number;
  readonly translated: number;
}

/**
 * A file as netascii (RFC 764): LF becomes CR LF, and CR becomes CR NUL.
 *
 * A CR LF in the file becomes CR NUL CR LF. On this system a line ends with LF, and a CR before it is a character as
 * any other; a client that translates back gets the very bytes of the file, which it would not if pairs were spared.
 *
 * A byte's place in the result depends on all bytes before it. Checkpoints, one per 64 KiB or so, make a jump back
 * cheap, and a checkpoint at the end of the last read makes reading on free. They lie between bytes of the file, never
 * within a pair: a read that begins within one skips its first half.
 */
export class NetasciiFile implements ContentFile {
  readonly size = undefined;
  readonly identity: string | undefined;
  readonly settledFrom: number;
  readonly verify?: () => Promise<void>;
  readonly #source: ContentFile;
  readonly #checkpoints: Checkpoint[] = [{ source: 0, translated: 0 }];
  #latest: Checkpoint = { source: 0, translated: 0 };

  constructor(source: ContentFile) {
    this.#source = source;
    this.identity = source.identity;
    this.settledFrom = source.settledFrom;
    if (source.verify) this.verify = () => source.verify!();
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    const scratch = Buffer.allocUnsafeSlow(Math.min(STRIDE, this.#source.size ?? STRIDE));
    let { source, translated } = this.#before(position);
    const end = position + target.length;
    while (translated < end) {
      // Every byte becomes at least one: more of them than this are not needed.
      const input = scratch.subarray(0, Math.min(scratch.length, end - translated));
      const count = await readPromised(this.#source, input, source);
      if (count === 0) break;
      const step = translate(input.subarray(0, count), target, translated - position);
      source += step.used;
      translated = position + step.filled;
      // If the end splits a pair, the next read begins with the byte that the pair stands for.
      this.#remember(translated > end ? { source: source - 1, translated: end - 1 } : { source, translated });
    }
    return Math.max(0, Math.min(translated, end) - position);
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  #before(position: number): Checkpoint {
    const sparse = this.#checkpoints.findLast(({ translated }) => translated <= position)!;
    const { translated } = this.#latest;
    return translated <= position && translated > sparse.translated ? this.#latest : sparse;
  }

  #remember(checkpoint: Checkpoint): void {
    this.#latest = checkpoint;
    const last = this.#checkpoints.at(-1)!;
    if (checkpoint.translated >= last.translated + STRIDE) this.#checkpoints.push(checkpoint);
  }
}

/**
 * Translates `input` until `target` is full. `filled` may begin below zero: what belongs before the target is skipped;
 * and it may end one behind the target, with half a pair in it. (A typed array ignores what is written beside it.)
 */
function translate(input: Uint8Array, target: Uint8Array, filled: number): { used: number; filled: number } {
  let used = 0;
  for (; used < input.length && filled < -1; used += 1) filled += isPaired(input[used]!) ? 2 : 1;
  for (; used < input.length && filled < target.length; used += 1) {
    const byte = input[used]!;
    if (isPaired(byte)) {
      target[filled] = CR;
      target[filled + 1] = byte === LF ? LF : NUL;
      filled += 2;
    } else {
      target[filled] = byte;
      filled += 1;
    }
  }
  return { used, filled };
}

function isPaired(byte: number): boolean {
  return byte === LF || byte === CR;
}
