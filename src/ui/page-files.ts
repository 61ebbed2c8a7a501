import { readFile } from "node:fs/promises";

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

const names = [
  "index.html",
  "layout.css",
  "parts.css",
  "results.css",
  "icon.svg",
  "app.js",
  "connection.js",
  "overview.js",
  "chart.js",
  "running.js",
  "results.js",
  "result-filter.js",
  "announcer.js",
  "elements.js",
] as const;

/** All files that can be requested, by path; `/` is index.html. Plain files, which the build copies. */
export async function loadPage(): Promise<ReadonlyMap<string, PageFile>> {
  const files = await Promise.all(names.map(async (name) => [pathOf(name), await load(name)] as const));
  return new Map(files);
}

function pathOf(name: string): string {
  return name === "index.html" ? "/" : `/${name}`;
}

async function load(name: string): Promise<PageFile> {
  const extension = name.split(".").at(-1) as keyof typeof types;
  return { type: types[extension], bytes: await readFile(new URL(`./page/${name}`, import.meta.url)) };
}
