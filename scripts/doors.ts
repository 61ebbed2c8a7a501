/** The files of the built package, and where they come from; the field `exports` of package.json names them, too. */
interface Door {
  /** Under src/. */
  readonly source: string;
  /** Whether it is imported with types, and not only started. */
  readonly typed: boolean;
}

/** What users import, or run, by the name of the file in dist/. They share chunks. */
export const doors: Readonly<Record<string, Door>> = {
  index: { source: "index.ts", typed: true },
  metrics: { source: "metrics.ts", typed: true },
  jumpstarter: { source: "jumpstarter.ts", typed: true },
  cli: { source: "cli/main.ts", typed: false },
};

/** What the library starts: one whole file each, which a bundler or a copy can take anywhere. */
export const started: Readonly<Record<string, string>> = {
  worker: "worker/entry.ts",
  store: "object-store/process/entry.ts",
};

/** A file that doors share: the modules that `test` names, and what they import, but for what a chunk before has. */
interface Chunk {
  readonly name: string;
  readonly test: RegExp;
  readonly priority: number;
}

/** What the doors share: few files, and each is loaded only by what needs it. */
export const chunks: readonly Chunk[] = inOrder([
  // The rest is small, and of several of the others.
  ["library", /\/src\/(?:index|jumpstarter\/fetch\/fetch-policy|status\/text\/event-line)\.ts$/],
  // What needs @grpc/grpc-js.
  ["exporter", /\/src\/jumpstarter\.ts$/],
  // What needs prom-client.
  ["metrics", /\/src\/metrics\//],
  // What needs npm tftp.
  ["client", /\/src\/main\/client\/tftp-client\.ts$/],
  // What `serve` needs, and most of which `get` needs. The rest of the command is loaded with it.
  ["command", /\/src\/cli\/(?!main\.ts|get\/get\.ts|export\/|shell\/)/],
]);

/** What the types of the doors share. */
export const typeChunks: readonly Chunk[] = inOrder([["library.d", /\/main\/tftp\.d\.ts$/]]);

function inOrder(list: readonly (readonly [name: string, test: RegExp])[]): Chunk[] {
  return list.map(([name, test], index) => ({ name, test, priority: list.length - index }));
}

/** The typed doors, each with what follows the package's name in an import, and its source. */
export function typedDoors(): { readonly path: string; readonly file: string; readonly source: string }[] {
  return Object.entries(doors)
    .filter(([, { typed }]) => typed)
    .map(([file, { source }]) => ({ path: file === "index" ? "" : `/${file}`, file, source }));
}
