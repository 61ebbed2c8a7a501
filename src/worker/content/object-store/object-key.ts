/** Fatal: object stores know keys in UTF-8 and no others. A byte order mark is part of the name. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The key of an object, from the parts of a requested name. Undefined where there can be no such object: the name is
 * not UTF-8, or begins or ends with white space, which OpenDAL cuts off (the key would be another object's).
 */
export function objectKey(parts: readonly Uint8Array[]): string | undefined {
  let key: string;
  try {
    key = parts.map((part) => utf8.decode(part)).join("/");
  } catch {
    return undefined;
  }
  return key.trim() === key ? key : undefined;
}
