// Builds dist/: the package as a few files. Each door is a file of its own beside the chunks that they share; what the
// library starts, its worker and the store's process, is whole in one file each.
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type InputOptions, type OutputOptions, rolldown } from "rolldown";
import { dts } from "rolldown-plugin-dts";
import { chunks, doors, started, typeChunks, typedDoors } from "./doors.ts";
import { withTypes } from "./emit-types.ts";
import { toLines } from "./line-map.ts";

const root = join(import.meta.dirname, "..");
const src = join(root, "src");
const dist = join(root, "dist");

const input: InputOptions = {
  platform: "node",
  // Packages stay packages, but for comlink: both ends of a call must be of one version, wherever the files are.
  external: (id) => /^[^./]/.test(id) && !id.startsWith("comlink") && !id.startsWith(root),
  resolve: {
    // comlink's modules, not its CommonJS.
    mainFields: ["module", "main"],
    alias: { [join(src, "shared/source-entry.ts")]: join(src, "shared/built-entry.ts") },
  },
  experimental: { attachDebugInfo: "none" },
  tsconfig: join(root, "tsconfig.build.json"),
};
const output: OutputOptions = {
  dir: dist,
  format: "esm",
  chunkFileNames: "shared-[name].js",
  sourcemap: true,
  sourcemapExcludeSources: true,
  // Only local names become short: the names of functions and classes are there for stack traces, and so are lines, below.
  minify: {
    compress: { target: "es2022", keepNames: { function: true, class: true }, sequences: false, joinVars: false },
    mangle: { toplevel: true, keepNames: true },
    codegen: { removeWhitespace: true },
  },
  comments: { annotation: false, legal: true, jsdoc: false },
};

rmSync(dist, { recursive: true, force: true });
await bundle(
  { ...input, input: mapValues(doors, ({ source }) => join(src, source)) },
  { ...output, codeSplitting: { groups: [...chunks] } },
);
for (const [name, source] of Object.entries(started)) {
  await bundle({ ...input, input: { [name]: join(src, source) } }, { ...output, codeSplitting: false });
  writeFileSync(join(dist, `${name}.d.ts`), "export {};\n");
}
await withTypes(bundleTypes);
await bundlePage(join(src, "ui/page"), join(dist, "page"));
chmodSync(join(dist, "cli.js"), 0o755);

async function bundle(from: InputOptions, to: OutputOptions): Promise<void> {
  const build = await rolldown(from);
  const { output: files } = await build.write(to);
  await build.close();
  for (const { fileName } of files.filter((file) => file.fileName.endsWith(".js.map"))) {
    const path = join(dist, fileName);
    const program = path.slice(0, -".map".length);
    const lines = toLines(readFileSync(program, "utf8"), readFileSync(path, "utf8"));
    writeFileSync(program, lines.code);
    writeFileSync(path, lines.map);
  }
}

async function bundleTypes(directory: string): Promise<void> {
  const entries = typedDoors().map(({ file, source }) => [file, join(directory, source.replace(/\.ts$/, ".d.ts"))]);
  await bundle(
    {
      input: Object.fromEntries(entries) as Record<string, string>,
      external: /^[^./]/,
      plugins: [dts({ dtsInput: true, tsconfig: false })],
      experimental: { attachDebugInfo: "none" },
    },
    {
      dir: dist,
      format: "esm",
      chunkFileNames: "shared-[name].js",
      codeSplitting: { groups: [...typeChunks] },
      minifyInternalExports: false,
    },
  );
}

/** Copies the page; its scripts become one. */
async function bundlePage(from: string, to: string): Promise<void> {
  mkdirSync(to);
  for (const name of readdirSync(from).filter((each) => !each.endsWith(".js")))
    cpSync(join(from, name), join(to, name));
  const build = await rolldown({ input: join(from, "app.js"), experimental: { attachDebugInfo: "none" } });
  await build.write({ file: join(to, "app.js"), format: "esm", minify: true });
  await build.close();
}

function mapValues<Value, Result>(
  table: Readonly<Record<string, Value>>,
  map: (value: Value) => Result,
): Record<string, Result> {
  return Object.fromEntries(Object.entries(table).map(([name, value]) => [name, map(value)]));
}
