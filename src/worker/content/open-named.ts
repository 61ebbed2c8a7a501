import { type ContentFile, type ContentSource, type FileName, Refused, type RequestContext } from "./content.ts";

export interface NamedFile {
  /** The name that it was found by. */
  readonly name: FileName;
  readonly file: ContentFile;
}

/**
 * Opens a file by its literal name, or, if there is none, with backslashes read as `/`, as the PXE clients of Windows
 * ask for files.
 * @throws {Refused}
 */
export async function openNamed(source: ContentSource, name: FileName, request: RequestContext): Promise<NamedFile> {
  try {
    return { name, file: await source.open(name, request) };
  } catch (error) {
    const missing = error instanceof Refused && error.reason === "not-found";
    if (!missing || name.alternative === undefined) throw error;
    request.observer?.onRule?.(undefined);
    return { name: name.alternative, file: await source.open(name.alternative, request) };
  }
}
