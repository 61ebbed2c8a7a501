// An agent that dies: it does what it is told on a root, says so, and waits to be killed.
import { existsSync, readdirSync } from "node:fs";
import { Readable } from "node:stream";
import { LocalDirectory } from "../../../src/main/storage/local/local-directory.ts";
import { Storage } from "../../../src/main/storage/storage.ts";

const [root, journal] = process.argv.slice(2) as [string, string];
const storage = new Storage(new LocalDirectory(root, "inside"), {
  removeCreatedOnClose: true,
  journal,
  warn: (message) => console.error(message),
});

await storage.write("made/deep/image", "image");
await storage.write("made/again", "one");
await storage.write("made/again", "two");
await storage.write("before/file", "changed");
await storage.write("moved-from", "x");
await storage.rename("moved-from", "moved-to");
await storage.write("deleted", "x");
await storage.delete("deleted");
const endless = new Readable({ read() {} });
endless.push(Buffer.alloc(1 << 20));
void storage.write("unfinished/image", endless);
setInterval(() => {
  if (existsSync(`${root}/unfinished`) && readdirSync(`${root}/unfinished`).length === 1) console.log("ready");
}, 50);
