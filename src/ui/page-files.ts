import { readdir, readFile } from "node:fs/promises";

/** A file of the page, with the type that it is sent with. */
export interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
}

const types = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
} as const;

/** All files that can be requested, by path; `/` is index.html. Plain files; the build makes one of the scripts. */
export async function loadPage(): Promise<ReadonlyMap<string, PageFile>> {
  const directory = new URL("./page/", import.meta.url);
  const files = new Map<string, PageFile>();
  for (const name of await readdir(directory)) {
    const type = types[name.split(".").at(-1) as keyof typeof types] as string | undefined;
    if (type) files.set(pathOf(name), { type, bytes: await readFile(new URL(name, directory)) });
  }
  return files;
}

function pathOf(name: string): string {
  return name === "index.html" ? "/" : `/${name}`;
}
