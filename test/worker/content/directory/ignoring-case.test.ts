import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findIgnoringCase } from "../../../../src/worker/content/directory/ignoring-case.ts";
import { named, temporaryDirectory } from "../fixtures.ts";

// A file system may not know the difference.
test.skipIf(process.platform !== "linux")(
  "a name is found whatever the case of its parts, the exact one first",
  async () => {
    const root = temporaryDirectory();
    for (const name of ["Boot/BCD", "boot/grub", "BOOT/a", "boot/A", "x/Grüße", "BCD"]) {
      mkdirSync(join(root, name, ".."), { recursive: true });
      writeFileSync(join(root, name), name);
    }
    const find = async (name: string): Promise<string | undefined> =>
      (await findIgnoringCase(Buffer.from(root), named(name)))?.text;
    expect(await find("bOOt/bcd")).toBe("Boot/BCD");
    expect(await find("Boot/GRUB")).toBe("boot/grub");
    expect(await find("boot/a")).toBe("boot/A");
    expect(await find("Boot/a")).toBe("BOOT/a");
    expect(await find("X/gRüSSe")).toBeUndefined();
    expect(await find("X/gRüßE")).toBe("x/Grüße");
    expect(await find("bcd/x")).toBeUndefined();
    expect(await find("missing")).toBeUndefined();
  },
);
