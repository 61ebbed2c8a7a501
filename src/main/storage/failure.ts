import { TftpError, type TftpErrorCode } from "../../contract/errors.ts";

export { hasCode, unless } from "../../shared/error-codes.ts";

/** The TftpError code and the words for each error of a system call. */
const meanings: Readonly<Record<string, readonly [TftpErrorCode, string]>> = {
  ENOENT: ["NOT_FOUND", "there is no such file or directory"],
  ENOTDIR: ["NOT_FOUND", "a part of it is not a directory"],
  EACCES: ["FORBIDDEN", "permission denied"],
  EPERM: ["FORBIDDEN", "operation not permitted"],
  EROFS: ["FORBIDDEN", "the file system is read-only"],
  EISDIR: ["FORBIDDEN", "it is a directory"],
  EEXIST: ["FORBIDDEN", "it exists already"],
  ENOTEMPTY: ["FORBIDDEN", "the directory is not empty"],
  EBUSY: ["FORBIDDEN", "it is in use"],
  ELOOP: ["FORBIDDEN", "a symbolic link is in the way"],
  EINVAL: ["FORBIDDEN", "a directory cannot be moved into itself"],
};

/** Anything thrown while storage worked on that path, as a TftpError. */
export function toFailure(error: unknown, path: string): TftpError {
  if (error instanceof TftpError) return error;
  const { code } = error as NodeJS.ErrnoException;
  const [meaning, words] = (code !== undefined && meanings[code]) || ["STORAGE_FAILED", (error as Error).message];
  return new TftpError(meaning, `${path || "the root"}: ${words}`, { cause: error });
}

/** Does the work; what it throws becomes a TftpError that names the path. */
export async function attempt<Value>(
  path: string,
  work: () => Promise<Value>,
  toTftpError: (error: unknown, path: string) => TftpError = toFailure,
): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw toTftpError(error, path);
  }
}
