import { fdatasync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { promisify } from "node:util";

const fdatasyncOf = promisify(fdatasync);

/** fdatasync(2). By the descriptor, for the file handles of Yarn's Plug'n'Play lack the method `datasync`. */
export function syncData(file: FileHandle): Promise<void> {
  return fdatasyncOf(file.fd);
}
