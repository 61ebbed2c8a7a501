import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Grounds } from "../main/storage/fixtures.ts";

test("the journal of what storage has made stays short, however often something is written", async () => {
  const grounds = new Grounds();
  const storage = grounds.storage();
  for (let round = 0; round < 2_500; round += 1) await storage.write("a", "x", { sync: false });
  const [name] = grounds.journalFiles();
  expect(readFileSync(join(grounds.journals, name!), "utf8").split("\n").length).toBeLessThan(1_200);
});
