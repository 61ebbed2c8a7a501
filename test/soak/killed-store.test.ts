import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { isOpenDalAbsent } from "../helpers/opendal.ts";
import { noise, sha256 } from "../helpers/raw-content.ts";
import { download } from "../helpers/raw-download.ts";
import { TestServer } from "../helpers/raw-server.ts";

const KILLS = 5;
const BOARDS = 8;

describe.skipIf(isOpenDalAbsent() || process.platform !== "linux")(
  "a store's process that is killed under load",
  () => {
    test("however often the store's process is killed, what boards get is whole, they are served again, and the thread lives", async () => {
      const root = mkdtempSync(join(tmpdir(), "tftp-killed-"));
      onTestFinished(() => rmSync(root, { recursive: true, force: true }));
      const content = noise(2_000_000);
      const digest = sha256(content);
      for (let index = 0; index < BOARDS; index++) writeFileSync(join(root, `${index}.bin`), content);
      const server = new TestServer({ source: { scheme: "fs", root }, readAheadBytes: 1 << 20 });
      onTestFinished(() => server.close());
      const crashes: unknown[] = [];
      server.tftp.on("worker-crashed", (event) => crashes.push(event));
      const warnings: string[] = [];
      server.tftp.on("warning", ({ message }) => warnings.push(message));
      await server.start();
      const results = { whole: 0, wrong: 0, failed: 0 };
      const isOver = new AbortController();
      const board = async (index: number): Promise<void> => {
        while (!isOver.signal.aborted) {
          const client = await server.client();
          const fetched = await download(client, `${index}.bin`, { options: [["blksize", "1468"]] }).catch(
            () => undefined,
          );
          client.close();
          if (!fetched) results.failed++;
          else if (sha256(fetched.content) === digest) results.whole++;
          else results.wrong++;
        }
      };
      const boards = Promise.all(Array.from({ length: BOARDS }, (_, index) => board(index)));
      for (let kill = 1; kill <= KILLS; kill++) {
        const whole = results.whole;
        // Whatever was under way, some are served by the next process.
        await expect.poll(() => results.whole).toBeGreaterThan(whole);
        const [child] = storeProcesses();
        if (child === undefined) throw new Error("no process of the store");
        process.kill(child, "SIGKILL");
        await expect.poll(() => storeProcesses().filter((pid) => pid !== child)).toHaveLength(1);
      }
      const whole = results.whole;
      await expect.poll(() => results.whole).toBeGreaterThan(whole);
      isOver.abort();
      await boards;
      expect(warnings).toContainEqual(expect.stringContaining("SIGKILL"));
      expect({ wrong: results.wrong, crashes }).toEqual({ wrong: 0, crashes: [] });
      expect(server.ended.filter(({ outcome }) => outcome === "failed").length).toBeLessThanOrEqual(results.failed);
      // The storage uses it beyond a stop.
      await server.close();
      await expect.poll(storeProcesses).toEqual([]);
    }, 300_000);
  },
);

/** Of this process. */
function storeProcesses(): number[] {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ").filter(Boolean);
  return children.map(Number).filter((pid) => commandOf(pid).includes("/object-store/"));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
