import { UsageError } from "../usage-error.ts";

/** A TFTP URL (RFC 3617). */
export interface TftpUrl {
  readonly host: string;
  /** Default 69. */
  readonly port: number;
  /** Decoded, without the `/` after the host. */
  readonly file: string;
}

/** @throws {UsageError} */
export function parseTftpUrl(text: string): TftpUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "tftp:" || url.hostname === "") throw bad(text, "expected tftp://HOST[:PORT]/FILE");
  if (url.username || url.password) throw bad(text, "expected no user name or password: TFTP has none");
  const file = decode(text, `${url.pathname}${url.search}${url.hash}`.slice(1)).replace(/;mode=octet$/i, "");
  if (/;mode=/i.test(file)) throw bad(text, "expected mode octet");
  if (file === "" || file.includes("\0")) throw bad(text, "expected the name of a file after the host");
  return {
    // In a URL an IPv6 address is in brackets.
    host: decode(text, url.hostname).replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? 69 : Number(url.port),
    file,
  };
}

/** The inverse of `parseTftpUrl`. Its path needs no quotes in a shell. */
export function formatTftpUrl({ host, port, file }: TftpUrl): string {
  const path = file.split("/").map(encodePart).join("/");
  return `tftp://${host.includes(":") ? `[${host}]` : host}:${port}/${path}`;
}

/** encodeURIComponent leaves some characters alone that mean something to a shell. */
function encodePart(part: string): string {
  return encodeURIComponent(part).replace(/[!'()*~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

function decode(text: string, part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw bad(text, "a % must be followed by two hexadecimal digits of UTF-8");
  }
}

function bad(text: string, expectation: string): UsageError {
  return new UsageError(`${text}: ${expectation}`);
}
