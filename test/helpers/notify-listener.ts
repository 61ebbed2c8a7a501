import { onTestFinished } from "vitest";
import { loadLibc } from "../../src/worker/transport/linux/system/libc.ts";

const AF_UNIX = 1;
const SIZE = 4_096;
/** In ms. */
const PAUSE = 20;

/** The other end of NOTIFY_SOCKET, as systemd has it; a path with @ in front is an abstract one. */
export async function listenForNotifications(path: string): Promise<(pattern: RegExp) => Promise<string>> {
  const libc = await loadLibc();
  const name = Buffer.from(path.startsWith("@") ? `\0${path.slice(1)}` : `${path}\0`);
  const descriptor = libc.socket(AF_UNIX);
  const over = new AbortController();
  onTestFinished(() => {
    over.abort();
    libc.close(descriptor);
  });
  libc.bind(descriptor, Uint8Array.from([AF_UNIX, 0, ...name]));
  const bytes = new Uint8Array(SIZE);
  const next = (): string | undefined => {
    const length = libc.receive(descriptor, libc.addressOf(bytes.buffer), SIZE, false);
    return length < 0 ? undefined : Buffer.from(bytes.subarray(0, length)).toString();
  };
  /** The next message that matches; those before it are skipped. */
  return async (pattern) => {
    while (!over.signal.aborted) {
      const text = next();
      if (text === undefined) await new Promise((resolve) => setTimeout(resolve, PAUSE));
      else if (pattern.test(text)) return text;
    }
    throw new Error(`the test has ended without a message like ${pattern}`);
  };
}
