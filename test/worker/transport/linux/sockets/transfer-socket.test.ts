import { constants } from "node:os";
import { describe, expect, test } from "vitest";
import { BriefWait } from "../../../../../src/worker/transport/linux/polling/brief-wait.ts";
import type { NativeSockets } from "../../../../../src/worker/transport/linux/sockets/native-sockets.ts";
import { PathMemory } from "../../../../../src/worker/transport/linux/sockets/path-memory.ts";
import { TransferSocket } from "../../../../../src/worker/transport/linux/sockets/transfer-socket.ts";

const { EAGAIN, ECONNREFUSED } = constants.errno;
/** In ms, as all that follows. */
const SYSTEM_CALL = 0.001;
const WAKE_UP = 0.03;
const RECEIVE_TIMEOUT = 1;
const AWAKE = 0.05;
const client = { address: "192.0.2.7", port: 2_000 };

/** A client that answers each time after as long, and what the kernel makes of that. */
class Kernel {
  /** Infinity: it is gone. */
  answerMs = 0.02;
  /** What comes instead of the next answer. */
  error: number | undefined;
  now = 0;
  awakeMs = 0;
  sleeps = 0;
  readonly clock = {
    now: 0,
    read: (): number => (this.clock.now = this.now),
  };
  #sentAt = 0;

  readonly receive = (_descriptor: number, _address: number, _length: number, wait: boolean): number =>
    wait ? this.#sleep() : this.#look();

  #look(): number {
    this.now += SYSTEM_CALL;
    this.awakeMs += SYSTEM_CALL;
    return this.now < this.#answerAt ? -EAGAIN : this.#take();
  }

  #sleep(): number {
    this.sleeps++;
    const end = Math.min(this.#answerAt, this.now + RECEIVE_TIMEOUT);
    if (end > this.now) this.now = end + WAKE_UP;
    return end < this.#answerAt ? -EAGAIN : this.#take();
  }

  /** Our next block leaves at once. */
  #take(): number {
    const { error } = this;
    this.error = undefined;
    this.#sentAt = this.now;
    return error === undefined ? 4 : -error;
  }

  get #answerAt(): number {
    return this.#sentAt + this.answerMs;
  }
}

function nothing(): void {}

/** A connected socket whose client answers after `answerMs`, after `answers` of them. */
function makeSocket(answerMs: number, answers = 0, briefWait = new BriefWait(true)) {
  const kernel = new Kernel();
  kernel.answerMs = answerMs;
  const sockets = {
    libc: { addressOf: () => 0, receive: kernel.receive },
    poller: { sendBatch: undefined, add: nothing, setBusy: nothing, setIdle: nothing },
    open: () => 7,
    connect: nothing,
    disconnect: nothing,
    limitWait: nothing,
  } as unknown as NativeSockets;
  const socket = new TransferSocket(sockets, { address: "192.0.2.1", port: 0 }, new PathMemory(), { briefWait });
  const heard: (string | number)[] = [];
  const connect = (): void => {
    socket.connect(client);
    socket.attach({
      onDatagram: (_bytes, length) => void heard.push(length),
      onWritable: nothing,
      onError: ({ code }) => void heard.push(`${code}`),
    });
  };
  /** Waits for so many answers, and returns for how many the thread slept, and how long it was awake in vain or not. */
  const wait = (times: number): { sleeps: number; awakeMs: number } => {
    const { sleeps, awakeMs } = kernel;
    for (let time = 0; time < times; time++) socket.receiveWaiting(kernel.clock);
    return { sleeps: kernel.sleeps - sleeps, awakeMs: kernel.awakeMs - awakeMs };
  };
  connect();
  wait(answers);
  return { kernel, socket, heard, connect, wait };
}

describe("a client that answers within a moment", () => {
  test("a transfer's socket sleeps for the first eight answers of a quick client, and for none after them", () => {
    const { wait, heard } = makeSocket(0.02);
    expect(wait(8)).toEqual({ sleeps: 8, awakeMs: 0 });
    expect(wait(1_000).sleeps).toBe(0);
    expect(heard).toHaveLength(1_008);
  });

  test("a wait awake ends with the answer, and takes no longer", () => {
    const { wait } = makeSocket(0.02, 8);
    expect(wait(100).awakeMs).toBeCloseTo(100 * 0.02, 0);
  });

  test("the answers of the next client are counted anew", () => {
    const { wait, socket, connect } = makeSocket(0.02, 100);
    socket.disconnect();
    connect();
    expect(wait(20).sleeps).toBe(8);
  });

  test("an ICMP error ends a wait awake, and is reported", () => {
    const { kernel, wait, heard } = makeSocket(0.02, 8);
    kernel.error = ECONNREFUSED;
    expect(wait(1).sleeps).toBe(0);
    expect(heard.slice(8)).toEqual(["ECONNREFUSED"]);
  });

  test("a transfer's socket sleeps for each answer where waiting awake is not possible", () => {
    const { wait } = makeSocket(0.02, 0, new BriefWait(false));
    expect(wait(100)).toEqual({ sleeps: 100, awakeMs: 0 });
  });
});

describe("a client that does not answer within a moment", () => {
  test.each([0.2, 1, 30])("no wait is awake for a client that answers after %d ms", (answerMs) => {
    const { wait } = makeSocket(answerMs);
    expect(wait(1_000).awakeMs).toBe(0);
  });

  test("a client that is gone costs one wait awake, of 50 µs", () => {
    const { kernel, wait, heard } = makeSocket(0.02, 100);
    kernel.answerMs = Infinity;
    const { awakeMs, sleeps } = wait(1_000);
    expect(awakeMs).toBeGreaterThanOrEqual(AWAKE);
    expect(awakeMs).toBeLessThan(AWAKE + 2 * SYSTEM_CALL);
    expect(sleeps).toBe(1_000);
    expect(heard).toHaveLength(100);
  });

  test("a wait awake in vain goes on asleep, and takes the answer when it comes", () => {
    const { kernel, wait, heard } = makeSocket(0.02, 8);
    kernel.answerMs = 0.1;
    expect(wait(1).sleeps).toBe(1);
    expect(heard).toHaveLength(9);
  });

  test("after a wait awake in vain a transfer's socket sleeps for twice as many quick answers", () => {
    const { kernel, wait } = makeSocket(0.02, 8);
    kernel.answerMs = 0.1;
    wait(1);
    kernel.answerMs = 0.02;
    expect(wait(100).sleeps).toBe(15);
  });

  test("a client that seems quick but never is costs a thousandth of its answers a wait awake, and seven more", () => {
    const { wait } = makeSocket(0.1);
    const answers = 100_000;
    const vain = wait(answers).awakeMs / (AWAKE + SYSTEM_CALL);
    expect(vain).toBeLessThanOrEqual(7 + answers / 1_000);
  });
});
