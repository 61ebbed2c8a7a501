import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { temporaryDirectory } from "./fixtures.ts";

const child = fileURLToPath(new URL("system-limits.child.ts", import.meta.url));

test.skipIf(process.platform === "win32")(
  "a lack of permission is forbidden, a lack of descriptors is read-error, and both keep their cause",
  async () => {
    const root = temporaryDirectory();
    chmodSync(root, 0o755);
    mkdirSync(join(root, "closed"));
    for (const name of ["readable", "unreadable", "closed/file"]) writeFileSync(join(root, name), name);
    chmodSync(join(root, "unreadable"), 0);
    chmodSync(join(root, "closed"), 0);
    const shell = 'ulimit -n 128 && exec "$0" --import tsx "$1" "$2"';
    const { stdout } = await promisify(execFile)("sh", ["-c", shell, process.execPath, child, root], {
      // tsx writes its cache in the background, by descriptors that are counted here.
      env: { ...process.env, TSX_DISABLE_CACHE: "1" },
    });
    chmodSync(join(root, "closed"), 0o755);
    expect(JSON.parse(stdout)).toEqual({
      "without descriptors": "read-error EMFILE",
      "with two descriptors": "served",
      "with the same two": "served",
      readable: "served",
      unreadable: "forbidden EACCES",
      "under an unsearchable directory": "forbidden EACCES",
    });
  },
  60_000,
);
