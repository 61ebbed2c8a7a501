import { StoreError } from "../client/store-api.ts";

type OpenDal = typeof import("opendal");

/**
 * Loads the optional peer dependency.
 * @throws {StoreError} if it is not installed, with what to do, or if it does not load, with the reason.
 */
export async function loadOpenDal(): Promise<OpenDal> {
  try {
    return await import("opendal");
  } catch (error) {
    throw new StoreError("failed", explain(error), { cause: error });
  }
}

function explain(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") {
    return 'the option source needs the npm package opendal, which is not installed: "npm install opendal@0.49.2"';
  }
  return `the npm package opendal is installed but does not load here: ${reasons(error).join("; ")}`;
}

/** The reasons in the list of causes: OpenDAL's own message only advises to install it again. */
function reasons(error: unknown): string[] {
  if (Array.isArray(error)) return error.flatMap(reasons);
  if (!(error instanceof Error)) return [];
  const below = error.cause === undefined ? [] : reasons(error.cause);
  const binding = below.filter((reason) => !reason.startsWith("Cannot find module"));
  if (binding.length > 0) return binding;
  return below.length > 0 ? below : [error.message.split("\n")[0]!];
}
