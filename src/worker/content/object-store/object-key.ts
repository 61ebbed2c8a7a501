import { isUtf8 } from "node:buffer";

/** A byte order mark is part of the name. */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * The key of an object, from the parts of a requested name. Undefined if there can be no such object: the name is
 * not UTF-8, or begins or ends with white space, which OpenDAL cuts off (the key would be another object's).
 */
export function objectKey(parts: readonly Uint8Array[]): string | undefined {
  // Any client can send such names, and an exception for each of them would be dear.
  if (!parts.every((part) => isUtf8(part))) return undefined;
  const key = parts.map((part) => utf8.decode(part)).join("/");
  return key.trim() === key ? key : undefined;
}
