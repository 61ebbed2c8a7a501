import { readFile } from "node:fs/promises";

/** A file of the page, with the type that it is sent with. */
export interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
}

/** Plain files that browsers run as they are; the build copies them. */
const directory = new URL("./page/", import.meta.url);

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

/** All files that can be requested, by path; `/` is index.html. */
export async function loadPage(): Promise<ReadonlyMap<string, PageFile>> {
  const files = await Promise.all(names.map(async (name) => [pathOf(name), await load(name)] as const));
  return new Map(files);
}

function pathOf(name: string): string {
  return name === "index.html" ? "/" : `/${name}`;
}

async function load(name: string): Promise<PageFile> {
  const extension = name.split(".").at(-1) as keyof typeof types;
  return { type: types[extension], bytes: await readFile(new URL(name, directory)) };
}
