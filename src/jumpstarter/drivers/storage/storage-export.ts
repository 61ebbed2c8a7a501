import { unless } from "../../../shared/error-codes.ts";
import type { Storage } from "../../../main/storage/storage.ts";
import type { Json } from "../../wire/value.ts";
import { Arguments } from "../arguments.ts";
import { type Call, CallFailure, type DriverExport, type StreamingCall } from "../driver-export.ts";
import { capability } from "./capability.ts";
import { fileCalls } from "./file-calls.ts";
import { listing, metadata } from "./listing.ts";
import { OpenFiles } from "./open-files.ts";

/** The calls of Jumpstarter's OpendalClient. What clients have open belongs to this export, not to the storage. */
export function exportStorage(storage: Storage): DriverExport {
  const files = new OpenFiles();
  return {
    clientClass: storage.clientClass,
    calls: new Map([...pathCalls(storage), ...fileCalls(storage, files)]),
    streamingCalls: new Map<string, StreamingCall>([
      ["list", (args) => listing(storage, onePath("list", args), false)],
      ["scan", (args) => listing(storage, onePath("scan", args), true)],
    ]),
    release: () => files.abortAll(),
  };
}

/** Those that need no open file. */
function pathCalls(storage: Storage): [string, Call][] {
  return [
    ["stat", async (args) => metadata(await storage.stat(onePath("stat", args)))],
    ["exists", async (args) => await storage.exists(onePath("exists", args))],
    ["delete", async (args) => await unless(storage.delete(onePath("delete", args)), "NOT_FOUND")],
    ["remove_all", async (args) => await storage.removeAll(onePath("remove_all", args))],
    ["create_dir", async (args) => await createDir(storage, onePath("create_dir", args))],
    ["hash", async (args) => await hash(storage, new Arguments("hash", args, 1, 2))],
    ["copy", async (args, { signal }) => await copy(storage, new Arguments("copy", args, 2), signal)],
    ["rename", async (args) => await rename(storage, new Arguments("rename", args, 2))],
    ["capability", async () => capability],
    ["get_created_resources", async () => (await storage.created()).map(({ path }) => path)],
    ["register_path", async (args) => await unless(storage.register(onePath("register_path", args)), "NOT_FOUND")],
    ...["presign_stat", "presign_read", "presign_write"].map((name): [string, Call] => [
      name,
      async () => {
        throw new CallFailure("UNKNOWN", `${name}: not supported by this storage`);
      },
    ]),
  ];
}

function onePath(method: string, args: readonly Json[]): string {
  return new Arguments(method, args, 1).text("path");
}

async function createDir(storage: Storage, path: string): Promise<void> {
  // As OpenDAL has it: a path without the slash means a file.
  if (!path.endsWith("/")) throw new CallFailure("UNKNOWN", `create_dir: expected "/" at the end of ${path}`);
  await storage.createDir(path);
}

async function hash(storage: Storage, args: Arguments): Promise<string> {
  const path = args.text("path");
  return await storage.hash(path, args.oneOf("algo", ["sha256", "md5"], "sha256"));
}

async function copy(storage: Storage, args: Arguments, signal: AbortSignal): Promise<void> {
  const [from, to] = [args.text("source"), args.text("target")];
  await storage.copy(from, to, { signal, sync: false });
}

async function rename(storage: Storage, args: Arguments): Promise<void> {
  const [from, to] = [args.text("source"), args.text("target")];
  await storage.rename(from, to);
}
