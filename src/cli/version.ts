import { createRequire } from "node:module";

export function version(): string {
  // By its own name, which works from src/ and from dist/, however deep the file lies there.
  const manifest = createRequire(import.meta.url)("tftp-driver/package.json") as { version: string };
  return manifest.version;
}
