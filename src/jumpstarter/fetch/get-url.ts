import { lookup as resolveName } from "node:dns";
import { type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { CallFailure } from "../drivers/driver-export.ts";

/** Upstream's limit. */
const MAX_REDIRECTS = 10;
/** How long the server may say nothing, in ms. */
const SILENCE_MS = 60_000;

/** What is fetched; the client has said it. */
export interface UrlRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** How addresses are found and judged. */
export interface Reach {
  /** Whether that address may be connected to. */
  readonly allows: (address: string) => boolean;
  /** Default: the system's. */
  readonly resolve?: typeof resolveName;
}

/** Of the connection, not of what is fetched: ours to say. */
const ownHeaders = /^(host|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|content-.*)$/i;
/** They are for one server only. */
const secretHeaders = /^(authorization|cookie|x-amz-.*|x-ms-.*|x-goog-.*)$/i;

/**
 * Asks for a URL of http or https, with GET, and follows redirects. Each address is judged when its name is resolved, and
 * the connection goes to that very address: a name that means another one meanwhile (DNS rebinding) leads nowhere else.
 * @throws {CallFailure} INVALID_ARGUMENT for a URL that is none; UNKNOWN for everything else. Both without the URL's query.
 */
export async function getUrl(
  { url, headers }: UrlRequest,
  reach: Reach,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  let target = parseUrl(url);
  let sent = Object.entries(headers).filter(([name]) => !ownHeaders.test(name));
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const response = await get(target, Object.fromEntries(sent), reach, signal);
    const { statusCode = 0 } = response;
    if (statusCode === 200) return response;
    response.destroy();
    const { location } = response.headers;
    if (![301, 302, 303, 307, 308].includes(statusCode) || location === undefined) {
      throw failed(target, `the server's answer is ${statusCode}`);
    }
    const next = parseUrl(location, target);
    if (next.origin !== target.origin) sent = sent.filter(([name]) => !secretHeaders.test(name));
    target = next;
  }
  throw failed(target, `more than ${MAX_REDIRECTS} redirects`);
}

/** Without what may be secret. */
export function nameOf({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`;
}

function parseUrl(text: string, base?: URL): URL {
  const url = URL.canParse(text, base?.href) ? new URL(text, base) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  throw new CallFailure("INVALID_ARGUMENT", "handle: url: expected a URL of http or https");
}

function get(url: URL, headers: Record<string, string>, reach: Reach, signal: AbortSignal): Promise<IncomingMessage> {
  const literal = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(literal) !== 0 && !reach.allows(literal)) throw forbidden(url);
  const options = { headers, agent: false as const, lookup: judging(url, reach), signal, timeout: SILENCE_MS };
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      reject(error instanceof CallFailure ? error : failed(url, error.message));
    };
    try {
      const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, options);
      request.once("timeout", () => request.destroy(failed(url, "the server fell silent")));
      // More than one may come: of the socket, and of what gave it up.
      request.on("error", fail);
      request.once("response", resolve);
      request.end();
    } catch (error) {
      // Headers that cannot be sent.
      const { message } = error as Error;
      reject(new CallFailure("INVALID_ARGUMENT", `handle: headers: ${message}`));
    }
  });
}

/** Resolves a name to those of its addresses that may be connected to. */
function judging(url: URL, { allows, resolve = resolveName }: Reach): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error) return done(error, "", 0);
      const allowed = found.filter(({ address }) => allows(address));
      const [first] = allowed;
      if (!first) done(forbidden(url), "", 0);
      else if (options.all) done(null, allowed);
      else done(null, first.address, first.family);
    });
  };
}

function forbidden(url: URL): CallFailure {
  return failed(url, "the exporter does not fetch from that address");
}

function failed(url: URL, words: string): CallFailure {
  return new CallFailure("UNKNOWN", `GET ${nameOf(url)}: ${words}`);
}
