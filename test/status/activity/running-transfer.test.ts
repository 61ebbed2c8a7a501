import { expect, test } from "vitest";
import { amountText, etaText, speedText } from "../../../src/status/text/describe-running.ts";
import { RunningTransfer } from "../../../src/status/activity/running-transfer.ts";
import { now, progressEvent, requestEvent } from "../../helpers/events.ts";

const MIB = 1_048_576;

test("a transfer without progress has neither a rate nor an ETA", () => {
  const transfer = new RunningTransfer(requestEvent(1));
  expect([transfer.share, speedText(transfer, now), etaText(transfer, now)]).toEqual([0, "", ""]);
});

test("a transfer's rate and ETA come from its progress, smoothed", () => {
  const transfer = new RunningTransfer(requestEvent(1));
  transfer.progress(progressEvent(1, 5 * MIB));
  expect([amountText(transfer), speedText(transfer, now), etaText(transfer, now)]).toEqual([
    "5.0 MiB of 10 MiB",
    "1.0 MiB/s",
    "ETA 0:05",
  ]);
  transfer.progress(progressEvent(1, 6 * MIB, { bytesPerSecond: 6 * MIB }));
  expect(speedText(transfer, now)).toBe("2.0 MiB/s");
  expect(etaText(transfer, now)).toBe("ETA 0:02");
});

test("two seconds without progress are a stall", () => {
  const transfer = new RunningTransfer(requestEvent(1));
  transfer.progress(progressEvent(1, MIB));
  expect(speedText(transfer, now + 1_999)).toBe("1.0 MiB/s");
  expect([speedText(transfer, now + 2_000), etaText(transfer, now + 2_000)]).toEqual(["stalled", ""]);
});

test("a transfer is not taken for one with progress because the clock was set back", () => {
  const transfer = new RunningTransfer(requestEvent(1));
  transfer.progress(progressEvent(1, MIB));
  expect(speedText(transfer, now - 3_600_000)).toBe("stalled");
  transfer.progress(progressEvent(1, 2 * MIB, { at: now - 3_600_000 }));
  expect(speedText(transfer, now - 3_600_000)).toBe("1.0 MiB/s");
});

test.each([
  [59, "ETA 0:59"],
  [61, "ETA 1:01"],
  [3_723, "ETA 1:02:03"],
  [360_000, "ETA > 99 h"],
])("%d seconds still to go read as %s", (seconds, text) => {
  const transfer = new RunningTransfer(requestEvent(1, { total: seconds * 1_000 + 1_000 }));
  transfer.progress(progressEvent(1, 1_000, { bytesPerSecond: 1_000 }));
  expect(etaText(transfer, now)).toBe(text);
});

test("a transfer of unknown total has an amount, but no share and no ETA", () => {
  const { total: _, ...netascii } = requestEvent(1);
  const transfer = new RunningTransfer(netascii);
  transfer.progress(progressEvent(1, MIB));
  expect([transfer.share, amountText(transfer), etaText(transfer, now)]).toEqual([undefined, "1.0 MiB", ""]);
});

test("an empty file is all there at once", () => {
  expect(new RunningTransfer(requestEvent(1, { total: 0 })).share).toBe(1);
});
