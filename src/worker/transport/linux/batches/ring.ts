import type { DescriptorLedger } from "../system/descriptor-ledger.ts";
import {
  IORING_FEAT_CQE_SKIP,
  IORING_FEAT_SINGLE_MMAP,
  IORING_OFF_SQ_RING,
  IORING_OFF_SQES,
  IORING_SETUP_DEFER_TASKRUN,
  IORING_SETUP_SINGLE_ISSUER,
} from "../system/abi.ts";
import type { Libc } from "../system/libc.ts";

/** In bytes: struct io_uring_params, io_uring_sqe, io_uring_cqe. */
const PARAMETERS = 120;
const ENTRY = 64;
const COMPLETION = 16;
/** An entry in 32-bit words. */
const ENTRY_WORDS = ENTRY / 4;
const FEATURES = IORING_FEAT_SINGLE_MMAP | IORING_FEAT_CQE_SKIP;

const NOTHING = new Int32Array(0);

/** Operations of one kind, each the same but for what differs from one use to the next. */
export interface Operation {
  readonly opcode: number;
  readonly flags: number;
  readonly messageFlags: number;
}

/**
 * An io_uring (io_uring(7)) as a way to do the same to many sockets in one system call. Nothing in it ever waits: each
 * entry is done when `submit` returns, or has failed. So all of it happens in this thread, and in order, and memory
 * that is shared with the kernel needs no barriers.
 */
export class Ring {
  readonly capacity: number;
  readonly #libc: Libc;
  readonly #ledger: DescriptorLedger;
  readonly #ring: number;
  readonly #mapped: { readonly address: number; readonly length: number }[] = [];
  /** The queues' heads and tails, and the completions. */
  #words: Int32Array;
  #entries: Int32Array;
  readonly #at: { readonly head: number; readonly tail: number; readonly doneHead: number; readonly doneTail: number };
  readonly #firstCompletion: number;
  readonly #completionMask: number;

  /** @throws a system error if the kernel does not allow it, or is older than Linux 6.1; nothing is held then. */
  constructor(libc: Libc, ledger: DescriptorLedger, capacity: number, operation: Operation) {
    this.#libc = libc;
    this.#ledger = ledger;
    const parameters = new DataView(new ArrayBuffer(PARAMETERS));
    parameters.setUint32(8, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN, true);
    this.#ring = ledger.take(libc, () => libc.ringSetup(capacity, new Uint8Array(parameters.buffer)));
    const field = (offset: number): number => parameters.getUint32(offset, true);
    try {
      if ((field(20) & FEATURES) !== FEATURES) throw new Error("io_uring: a feature is missing");
      this.capacity = field(0);
      const completions = field(4);
      // struct io_sqring_offsets is at 40, struct io_cqring_offsets at 80: offsets in bytes from the mapping's start.
      const array = field(64);
      const length = Math.max(array + this.capacity * 4, field(100) + completions * COMPLETION);
      this.#words = this.#map(length, IORING_OFF_SQ_RING);
      this.#entries = this.#map(this.capacity * ENTRY, IORING_OFF_SQES);
      this.#at = { head: field(40) / 4, tail: field(44) / 4, doneHead: field(80) / 4, doneTail: field(84) / 4 };
      this.#firstCompletion = field(100) / 4;
      this.#completionMask = completions - 1;
      for (let index = 0; index < this.capacity; index++) this.#prepare(index, array / 4, operation);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** To be submitted with those before it: entry `index`, counted from the first that was not yet submitted. */
  set(index: number, descriptor: number, address: number, length: number): void {
    const entry = this.#placeOf(index) * ENTRY_WORDS;
    this.#entries[entry + 1] = descriptor;
    this.#entries[entry + 4] = address;
    this.#entries[entry + 5] = address / 2 ** 32;
    this.#entries[entry + 6] = length;
    this.#entries[entry + 8] = index;
  }

  /**
   * Hands `count` entries over, and calls back with the result of each: what the system call would have returned, or
   * the negative errno. An entry that draws no call has succeeded, or was not taken. Returns how many were taken.
   */
  submit(count: number, done: (index: number, result: number) => void): number {
    const words = this.#words;
    const { head, tail, doneHead, doneTail } = this.#at;
    words[tail] = (words[tail] ?? 0) + count;
    const taken = this.#libc.ringEnter(this.#ring, count);
    // What it has no memory for is not kept for later.
    if (taken < count) words[tail] = words[head] ?? 0;
    let at = words[doneHead] ?? 0;
    for (const end = words[doneTail] ?? 0; at !== end; at = (at + 1) | 0) {
      const completion = this.#firstCompletion + (at & this.#completionMask) * (COMPLETION / 4);
      words[doneHead] = (at + 1) | 0;
      done(words[completion] ?? 0, words[completion + 2] ?? 0);
    }
    return Math.max(0, taken);
  }

  close(): void {
    // To touch what is not mapped any more would end the process.
    this.#words = this.#entries = NOTHING;
    for (const { address, length } of this.#mapped.splice(0)) this.#libc.unmap(address, length);
    this.#ledger.close(this.#ring);
  }

  #placeOf(index: number): number {
    return ((this.#words[this.#at.tail] ?? 0) + index) & (this.capacity - 1);
  }

  /** What stays the same from one use to the next. */
  #prepare(index: number, array: number, { opcode, flags, messageFlags }: Operation): void {
    this.#words[array + index] = index;
    this.#entries[index * ENTRY_WORDS] = opcode | (flags << 8);
    this.#entries[index * ENTRY_WORDS + 7] = messageFlags;
  }

  #map(length: number, offset: number): Int32Array {
    const address = this.#libc.map(this.#ring, length, offset);
    this.#mapped.push({ address, length });
    return new Int32Array(this.#libc.view(address, length));
  }
}
