import { expect, test } from "vitest";
import { tick } from "../../../../src/shared/tick.ts";
import { PacketViews } from "../../../../src/worker/transport/dgram/packet-views.ts";
import { type SendCallback, WindowSender } from "../../../../src/worker/transport/dgram/window-sender.ts";

test("a window has left when its last datagram has, and what is lost is not reported from within the send", async () => {
  const reported: string[] = [];
  const callbacks: (SendCallback | undefined)[] = [];
  const lengths: number[] = [];
  const windows = new WindowSender(new PacketViews(), {
    onLost: ({ message }) => void reported.push(message),
    onAllLeft: () => void reported.push("all left"),
  });
  const out = {
    send: (packet: Uint8Array, done?: SendCallback): void => {
      lengths.push(packet.length);
      callbacks.push(done);
    },
  };
  expect(windows.send(out, Buffer.alloc(250), 0, 250, 100)).toBe(250);
  expect(windows.send(out, Buffer.alloc(50), 0, 50, 100)).toBe(50);
  expect(lengths).toEqual([100, 100, 50, 50]);
  expect(callbacks.map((done) => done !== undefined)).toEqual([false, false, true, true]);
  callbacks[2]?.(null);
  expect([windows.hasAllLeft, reported]).toEqual([false, []]);
  callbacks[3]?.(new Error("lost"));
  expect([windows.hasAllLeft, reported]).toEqual([true, ["all left"]]);
  await tick();
  expect(reported).toEqual(["all left", "lost"]);
});
