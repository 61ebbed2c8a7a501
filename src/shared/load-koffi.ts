import type koffi from "koffi";

/** What is used of koffi: its addon has all of it, and koffi's own JavaScript adds only deprecated names. */
export type Koffi = Pick<typeof koffi, "address" | "config" | "errno" | "load" | "version" | "view">;

/**
 * Loads koffi: its prebuilt addon (for glibc and musl) from a package without an install script, which package managers
 * would refuse to run; else koffi itself, if the user has installed it.
 * @throws {Error} if neither is installed, with what to do; or the reason why the first that is installed does not load.
 */
export async function loadKoffi(arch: string = process.arch): Promise<Koffi> {
  const addon = `@koromix/koffi-linux-${arch}`;
  for (const name of [addon, "koffi"]) {
    try {
      // The name is no literal: bundlers leave it alone, and a missing package is no error of theirs.
      const loaded = (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as { default: Koffi };
      return loaded.default;
    } catch (error) {
      if (!isMissing(error)) throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
    }
  }
  throw new Error(`the optional dependency ${addon} is not installed: "npm install ${addon}"`);
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  // The second one is of resolvers that work by require(), such as Yarn's Plug'n'Play.
  return code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND";
}
