import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import type { TftpEvent } from "../../../../src/contract/events/events.ts";
import { JsonView } from "../../../../src/cli/serve/view/json-view.ts";

const addresses = [{ host: "127.0.0.1", port: 6_969 }];
const listening: TftpEvent = {
  at: 1,
  transport: "dgram",
  port: 6_969,
  addresses,
  type: "listening",
  host: "127.0.0.1",
};
const warning: TftpEvent = { type: "warning", at: 0, message: "careful" };

test("the first line is the listening event, whatever came before it; its keys begin with type, host, port", () => {
  expect(shown([warning, listening, warning])).toEqual([
    '{"type":"listening","host":"127.0.0.1","port":6969,"at":1,"transport":"dgram","addresses":[{"host":"127.0.0.1","port":6969}]}',
    '{"type":"warning","at":0,"message":"careful"}',
    '{"type":"warning","at":0,"message":"careful"}',
  ]);
});

test("a reader that has fallen behind gets every event but progress", () => {
  const client = { address: "::1", port: 9 };
  const progress: TftpEvent = { type: "progress", at: 2, id: 1, file: "a", client, bytes: 1, bytesPerSecond: 1 };
  expect(shown([listening, progress, warning, progress], 1)).toHaveLength(2);
  expect(shown([listening, progress, warning, progress])).toHaveLength(4);
});

function shown(events: readonly TftpEvent[], highWaterMark = 65_536): string[] {
  const out = new PassThrough({ highWaterMark, readableHighWaterMark: 0 });
  const view = new JsonView(out);
  for (const event of events) view.show(event);
  out.end();
  const lines = (out.setEncoding("utf8").read() as string | null) ?? "";
  return lines.trimEnd().split("\n");
}
