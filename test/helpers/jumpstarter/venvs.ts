import { existsSync } from "node:fs";
import { join } from "node:path";

/** The versions of Jumpstarter whose own clients are tried. */
export const clientVersions = ["0.9.0", "0.7.4"] as const;

const venvs = process.env["JUMPSTARTER_VENVS"];

/** A program of the virtual environment with that version: JUMPSTARTER_VENVS names the directory of them all. */
export function venvProgram(version: string, program: string): string {
  return join(venvs ?? "/nowhere", version, "bin", program);
}

/** Whether the tests of that client are to be skipped. With REQUIRE_CLIENTS=1 they never are, and fail. */
export function isClientAbsent(version: string): boolean {
  if (process.env["REQUIRE_CLIENTS"] === "1") return false;
  return !existsSync(venvProgram(version, "python"));
}
