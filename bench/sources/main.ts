import { randomFillSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isOpenDalAbsent } from "../../test/helpers/opendal.ts";
import { isVersitygwAbsent, S3Server } from "../../test/helpers/versitygw.ts";
import { compile } from "../load.ts";
import { describeMachine } from "../machine.ts";
import { measureCold } from "./cold.ts";
import { measureWarm } from "./warm.ts";

/** What an object store costs: with the cache warm beside a plain file, and cold in round trips to the store. */
async function main(): Promise<void> {
  if (isVersitygwAbsent()) throw new TypeError("versitygw is neither on the PATH nor named by VERSITYGW");
  if (isOpenDalAbsent()) throw new TypeError("the npm package opendal is missing, or does not load");
  const home = mkdtempSync(join(tmpdir(), "tftp-bench-"));
  const store = new S3Server();
  try {
    await store.start();
    describeMachine().forEach((line) => console.log(line));
    const plain = join(home, "plain");
    mkdirSync(plain);
    for (const kib of sizesKiB) {
      const content = randomFillSync(Buffer.alloc(kib * 1_024));
      writeFileSync(join(plain, `${kib}KiB`), content);
      await store.put(`${kib}KiB`, content);
    }
    const load = compile(["load/main.c", "load/transfer.c"], join(home, "load"));
    await measureWarm({ store, plain, cacheDir: join(home, "cache"), load, sizesKiB });
    await measureCold(store);
  } finally {
    await store.close();
    rmSync(home, { recursive: true });
  }
}

const sizesKiB = [10_240, 102_400];

try {
  await main();
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  console.error(`bench: ${error.message}`);
  process.exitCode = 2;
}
