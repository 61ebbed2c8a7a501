import type { DescriptorLedger } from "../../../contract/descriptors.ts";
import { AF_INET, EAGAIN, EDESTADDRREQ } from "./abi.ts";
import { Inbox } from "./inbox.ts";
import type { Libc } from "./libc.ts";
import { Outbox } from "./outbox.ts";

/** Datagrams from and for many sockets, in one system call each way. */
export interface Mail {
  readonly inbox: Inbox;
  readonly outbox: Outbox;
}

/**
 * For `capacity` sockets at a time.
 * @throws where the kernel has no io_uring, or does not let us have it: it is older than 6.1, or whoever runs the system
 *   or the container has forbidden it. Nothing is held then.
 */
export function openMail(libc: Libc, ledger: DescriptorLedger, capacity: number): Mail {
  const opened: { close(): void }[] = [];
  try {
    const inbox = new Inbox(libc, ledger, capacity);
    opened.push(inbox);
    const outbox = new Outbox(libc, ledger, capacity);
    opened.push(outbox);
    test(libc, { inbox, outbox });
    return { inbox, outbox };
  } catch (error) {
    for (const box of opened) box.close();
    throw error;
  }
}

export function closeMail({ inbox, outbox }: Mail): void {
  inbox.close();
  outbox.close();
}

/** A socket to which nothing was sent, and which is connected to nobody, has to say so. */
function test(libc: Libc, { inbox, outbox }: Mail): void {
  const descriptor = libc.socket(AF_INET);
  const results: number[] = [];
  const nothing = new ArrayBuffer(1);
  inbox.expect(descriptor, { onReceived: (_bytes, length) => void results.push(-length) });
  inbox.take(0);
  outbox.post({ onUnsent: (errno) => void results.push(errno) }, descriptor, libc.addressOf(nothing), 1);
  outbox.flush();
  libc.close(descriptor);
  const expected = [EAGAIN, EDESTADDRREQ];
  if (results.join() !== expected.join())
    throw new Error(`io_uring: expected errors ${expected.join()}, got ${results.join()}`);
}
