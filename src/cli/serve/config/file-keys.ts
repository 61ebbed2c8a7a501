import { plainOptionNames } from "../../../contract/options/option-table.ts";

/** The key of virtual files. */
export const FILES = "files";

/** The key of the user to become. */
export const USER = "user";

/** The options that a configuration file may hold: all but a descriptor, which means nothing before there is a process. */
export const fileOptions: typeof plainOptionNames = plainOptionNames.filter((name) => name !== "socketFd");

/** Its key in a file: `maxBlockSize` is written `max_block_size`, as in Jumpstarter's exporter entry. */
export function keyOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The name of an option or of a key within one, by its key in a file. */
export function nameOf(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
