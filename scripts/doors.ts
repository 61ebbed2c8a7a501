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

/** The typed doors, each with what follows the package's name in an import, and its source. */
export function typedDoors(): { readonly path: string; readonly file: string; readonly source: string }[] {
  return Object.entries(doors)
    .filter(([, { typed }]) => typed)
    .map(([file, { source }]) => ({ path: file === "index" ? "" : `/${file}`, file, source }));
}
