import picomatch from "picomatch";

/** The longest glob that picomatch takes, in characters. */
export const MAX_GLOB = 65_536;

/**
 * Compiles a picomatch glob for names of files as TFTP has them: relative to the root, `/` between their parts. A `/` at
 * the start of the glob is passed over; a `*` stands for a dot at the start of a name, too.
 * @throws {TypeError} if the glob is empty, or longer than MAX_GLOB.
 */
export function compileGlob(glob: string): (file: string) => boolean {
  return picomatch(glob.replace(/^\/+/, ""), { dot: true, windows: false });
}
