import type { DescriptorLedger } from "../system/descriptor-ledger.ts";
import { AF_INET, EAGAIN, EDESTADDRREQ } from "../system/abi.ts";
import { ReceiveBatch } from "./receive-batch.ts";
import type { Libc } from "../system/libc.ts";
import { SendBatch } from "./send-batch.ts";

/** Datagrams from and for many sockets, in one system call each way. */
export interface BatchIo {
  readonly receiveBatch: ReceiveBatch;
  readonly sendBatch: SendBatch;
}

/**
 * For `capacity` sockets at a time.
 * @throws if the kernel has no io_uring, or does not allow it: it is older than 6.1, or the system or the container is
 *   set to forbid it. Nothing is held then.
 */
export function openBatchIo(libc: Libc, ledger: DescriptorLedger, capacity: number): BatchIo {
  const opened: { close(): void }[] = [];
  try {
    const receiveBatch = new ReceiveBatch(libc, ledger, capacity);
    opened.push(receiveBatch);
    const sendBatch = new SendBatch(libc, ledger, capacity);
    opened.push(sendBatch);
    test(libc, { receiveBatch, sendBatch });
    return { receiveBatch, sendBatch };
  } catch (error) {
    for (const box of opened) box.close();
    throw error;
  }
}

export function closeBatchIo({ receiveBatch, sendBatch }: BatchIo): void {
  receiveBatch.close();
  sendBatch.close();
}

/** Checks that a socket that is not connected and has received nothing returns these errors. */
function test(libc: Libc, { receiveBatch, sendBatch }: BatchIo): void {
  const descriptor = libc.socket(AF_INET);
  const results: number[] = [];
  const nothing = new ArrayBuffer(1);
  receiveBatch.expect(descriptor, { onReceived: (_bytes, length) => void results.push(-length) });
  receiveBatch.take(0);
  sendBatch.enqueue({ onUnsent: (errno) => void results.push(errno) }, descriptor, libc.addressOf(nothing), 1);
  sendBatch.flush();
  libc.close(descriptor);
  const expected = [EAGAIN, EDESTADDRREQ];
  if (results.join() !== expected.join())
    throw new Error(`io_uring: expected errors ${expected.join()}, got ${results.join()}`);
}
