import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

/** Has tsc write the declarations of src/, one file each, and passes their directory on. They are removed afterwards. */
export async function withTypes<Result>(use: (directory: string) => Promise<Result> | Result): Promise<Result> {
  // In here the types of other packages are found.
  const cache = join(root, "node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  const directory = mkdtempSync(join(cache, "tftp-driver-types-"));
  try {
    const args = ["-p", join(root, "tsconfig.build.json"), "--emitDeclarationOnly", "--outDir", directory];
    execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), ...args], { stdio: "inherit" });
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
