import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { resolveOptions } from "../../src/contract/options/resolve-options.ts";
import { WorkerLink } from "../../src/main/server/thread/worker-rpc.ts";
import { handlesAreKnown, openHandles } from "../helpers/open-handles.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

const rootDir = join(import.meta.dirname, "../../examples/tftpboot");
/** Each leaves 3 maps if nothing takes care of koffi's memory, and a terminated one 4 more, of its rings. */
const THREADS = 8;
/** What V8 and malloc may have taken for good. */
const MAPS = 16;

describeOnEachTransport("threads that start and end, one after the other", (transport) => {
  test.skipIf(!handlesAreKnown)(
    "leave no mapped memory and no descriptor, whether they stop or are terminated",
    async () => {
      for (let warmUp = 0; warmUp < 4; warmUp++) await live(warmUp % 2 === 0);
      const before = held();
      for (let count = 0; count < THREADS; count++) {
        await live(true);
        await live(false);
      }
      const after = held();
      expect(after.rings).toBeLessThanOrEqual(before.rings);
      expect(after.stacks).toBeLessThanOrEqual(before.stacks);
      expect(after.maps - before.maps).toBeLessThanOrEqual(MAPS);
      expect(after.descriptors).toBeLessThanOrEqual(before.descriptors);
    },
    120_000,
  );

  async function live(stops: boolean): Promise<void> {
    const link = new WorkerLink({ onEvents: () => {}, openStore: async () => "", provideFile: async () => "not-mine" });
    await link.call("start", resolveOptions({ rootDir, host: "127.0.0.1", port: 0, transport }).server, 1);
    if (stops) await link.call("stop", 0);
    await link.terminate();
  }
});

function held() {
  const lines = readFileSync("/proc/self/maps", "latin1").trim().split("\n");
  return {
    maps: lines.length,
    rings: lines.filter((line) => line.includes("io_uring")).length,
    /** Guard pages with a stack of 2 MiB and a page above them. */
    stacks: lines.filter((line, index) => line.includes(" ---p ") && sizeOf(lines[index + 1]) === 0x20_1000).length,
    descriptors: openHandles(),
  };
}

function sizeOf(line = ""): number {
  const [start = "", end = ""] = line.split(" ", 1)[0]!.split("-");
  return parseInt(end, 16) - parseInt(start, 16);
}
