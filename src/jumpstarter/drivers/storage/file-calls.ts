import { TftpError } from "../../../contract/errors.ts";
import type { Storage } from "../../../main/storage/storage.ts";
import type { Json } from "../../wire/value.ts";
import { Arguments } from "../arguments.ts";
import { type ByteStream, type Call, type CallContext, CallFailure, type Moved } from "../driver-export.ts";
import type { OpenFiles } from "./open-files.ts";
import { OpenRead } from "./open-read.ts";
import { OpenWrite } from "./open-write.ts";

/** The calls about open files: `open`, and all whose name begins with `file_`. */
export function fileCalls(storage: Storage, files: OpenFiles): [string, Call][] {
  return [
    ["open", async (args, { connection }) => files.add(await open(storage, args), connection)],
    ["file_write", async (args, context) => await write(files, new Arguments("file_write", args, 2), context)],
    ["file_read", async (args, context) => await read(files, new Arguments("file_read", args, 2), context)],
    ["file_seek", async (args) => await seek(files, new Arguments("file_seek", args, 2, 3))],
    ["file_tell", async (args) => toRead(files, descriptor("file_tell", args)).position],
    ["file_close", async (args) => await files.close(descriptor("file_close", args))],
    ["file_closed", async (args) => files.isClosed(descriptor("file_closed", args))],
    ["file_readable", async (args) => files.get(descriptor("file_readable", args)) instanceof OpenRead],
    ["file_seekable", async (args) => files.get(descriptor("file_seekable", args)) instanceof OpenRead],
    ["file_writable", async (args) => files.get(descriptor("file_writable", args)) instanceof OpenWrite],
  ];
}

async function open(storage: Storage, given: readonly Json[]): Promise<OpenRead | OpenWrite> {
  const args = new Arguments("open", given, 2);
  const path = args.text("path");
  if (args.oneOf("mode", ["rb", "wb"]) === "wb") {
    // Refuses a path that leads out of the root now, not when it is closed.
    await storage.exists(path);
    return new OpenWrite(storage, path);
  }
  const { type } = await storage.stat(path);
  if (type === "directory") throw new TftpError("FORBIDDEN", `${path}: it is a directory`);
  return new OpenRead(storage, path);
}

async function write(files: OpenFiles, args: Arguments, context: CallContext): Promise<void> {
  const fd = args.text("fd");
  const stream = context.take(args.json());
  await moved("upload", stream, context, async () => {
    const file = files.get(fd);
    if (!(file instanceof OpenWrite)) throw new CallFailure("UNKNOWN", "file_write: the file is open for reading");
    return {
      path: file.path,
      work: async () => {
        try {
          return await file.append(stream.chunks());
        } catch (error) {
          await files.abort(fd, error as Error);
          throw error;
        }
      },
    };
  });
}

async function read(files: OpenFiles, args: Arguments, context: CallContext): Promise<void> {
  const fd = args.text("fd");
  const stream = context.take(args.json());
  await moved("download", stream, context, async () => {
    const file = toRead(files, fd);
    return { path: file.path, work: () => file.copyTo(stream) };
  });
}

/** Ends the stream well or badly, and reports what was moved. */
async function moved(
  direction: Moved["direction"],
  stream: ByteStream,
  { onMoved }: CallContext,
  prepare: () => Promise<{ readonly path: string; readonly work: () => Promise<number> }>,
): Promise<void> {
  let path = "";
  const begun = performance.now();
  const report = (bytes: number, complete: boolean): void =>
    onMoved({ direction, path, bytes, durationMs: performance.now() - begun, complete });
  try {
    const prepared = await prepare();
    path = prepared.path;
    const bytes = await prepared.work();
    stream.end();
    report(bytes, true);
  } catch (error) {
    stream.fail();
    if (path !== "") report(0, false);
    throw error;
  }
}

async function seek(files: OpenFiles, args: Arguments): Promise<number> {
  const file = toRead(files, args.text("fd"));
  const offset = args.integer("pos");
  return await file.seek(offset, args.integer("whence", 0));
}

function toRead(files: OpenFiles, fd: string): OpenRead {
  const file = files.get(fd);
  if (file instanceof OpenRead) return file;
  throw new CallFailure("UNKNOWN", "the file is open for writing");
}

function descriptor(method: string, args: readonly Json[]): string {
  return new Arguments(method, args, 1).text("fd");
}
