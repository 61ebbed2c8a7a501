import type { SourceConfig } from "../../../contract/options/server-config.ts";

const HIDDEN = "(hidden)";

/** Options of OpenDAL's services that name a place and grant no access to it. */
const harmless: ReadonlySet<string> = new Set([
  "scheme",
  "bucket",
  "container",
  "filesystem",
  "share_name",
  "repo_id",
  "repo_type",
  "revision",
  "root",
  "region",
  "default_storage_class",
]);
/** URLs: the part before the path grants no access, except for a user and password in it. */
const urls: ReadonlySet<string> = new Set(["endpoint", "url"]);

/**
 * A source as it may be shown: what is known to be harmless, and of everything else only that it is there. A list of
 * what is secret would be short of the next service's word for it (connection_string, sas, a URL's query).
 */
export function hideSecrets(source: SourceConfig): Record<string, unknown> {
  return Object.fromEntries(Object.entries(source).map(([name, value]) => [name, show(name, value)]));
}

function show(name: string, value: string | number | boolean): unknown {
  if (typeof value === "boolean" || harmless.has(name)) return value;
  return urls.has(name) ? origin(String(value)) : HIDDEN;
}

/** Scheme, host and port. */
function origin(text: string): string {
  if (!URL.canParse(text)) return HIDDEN;
  const { protocol, host, pathname, search, hash, username, password } = new URL(text);
  if (host === "") return HIDDEN;
  const shown = `${protocol}//${username || password ? `${HIDDEN}@` : ""}${host}`;
  return pathname.length > 1 || search || hash ? `${shown}/${HIDDEN}` : shown;
}
