import { spawnSync } from "node:child_process";

/** Whether the optional peer dependency is missing. With REQUIRE_CLIENTS=1 its tests run all the same, and fail. */
export function isOpenDalAbsent(): boolean {
  if (process.env["REQUIRE_CLIENTS"] === "1") return false;
  // In a process of its own: no test is to run with native code in its process.
  return spawnSync(process.execPath, ["--input-type=module", "-e", 'await import("opendal")']).status !== 0;
}
