import type { ResolvedOptions } from "../../contract/options/options.ts";
import type { StoreProcess } from "../../object-store/client/store-process.ts";
import type { StorageBackend } from "./backend.ts";
import { LocalDirectory } from "./local/local-directory.ts";
import { ObjectBackend } from "./object-store/object-backend.ts";
import type { StorageOptions } from "./options.ts";
import { Storage } from "./storage.ts";

/** The storage that the options ask for: in `source` if there is one, else in `rootDir`. */
export function openStorage(
  options: ResolvedOptions,
  store: StoreProcess | undefined,
  warn: StorageOptions["warn"],
): Storage {
  const { removeCreatedOnClose, journal } = options.controller;
  return new Storage(openBackend(options, store), { removeCreatedOnClose, journal, warn });
}

function openBackend({ server }: ResolvedOptions, store: StoreProcess | undefined): StorageBackend {
  const { rootDir, symlinks, source, sourceTimeoutMs } = server;
  if (source === undefined || store === undefined) return new LocalDirectory(rootDir, symlinks);
  return new ObjectBackend(source, sourceTimeoutMs, () => store.open());
}
