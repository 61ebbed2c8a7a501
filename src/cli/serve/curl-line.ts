import { readdir } from "node:fs/promises";
import { reachable } from "../../main/client/reachable.ts";
import { printable } from "../../status/format.ts";
import { formatTftpUrl } from "../get/tftp-url.ts";

/** What a newcomer may type next: a command that fetches a file of that directory. */
export async function curlLine(rootDir: string, host: string, port: number): Promise<string> {
  const file = await someFile(rootDir);
  if (file === undefined) return `there is no file in ${printable(rootDir)} yet`;
  return `try: curl -o - ${formatTftpUrl({ host: reachable(host), port, file })}`;
}

async function someFile(rootDir: string): Promise<string | undefined> {
  const entries = await readdir(rootDir, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  return files.includes("hello.txt") ? "hello.txt" : files.sort()[0];
}
