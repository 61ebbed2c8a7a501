import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, release, type } from "node:os";

/** What the figures were taken on; a line each. */
export function describeMachine(): readonly string[] {
  const compiler = execFileSync(process.env["CC"] ?? "cc", ["--version"], { encoding: "utf8" }).split("\n")[0];
  return [
    `${type()} ${release()}, ${cpus()[0]?.model.trim() ?? "unknown processor"}, ${availableParallelism()} cores`,
    `Node.js ${process.version}`,
    `client: bench/load/*.c, ${compiler}`,
  ];
}
