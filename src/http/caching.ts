/**
 * What a shared cache may do with a request and its answer: the rules of HTTP Caching (RFC 9111) that a cache in front
 * of one's own pages needs, as plain decisions.
 *
 * Stricter than the RFC where a mistake would show one visitor what was made for another.
 *
 * @module
 */

/** An answer as it is kept. */
export interface StoredResponse {
  /** The status code. */
  readonly status: number;
  /** Names and values. */
  readonly headers: readonly (readonly [string, string])[];
  /** The whole body. */
  readonly body: Uint8Array;
  /** When it was made, by the clock of who kept it; for one that came with an `Age`, so much earlier. */
  readonly createdAtMs: number;
}

/** Statuses that say something lasting about a page (RFC 9110 §15.1, without those that carry parts of a body). */
const LASTING_STATUSES: readonly number[] = [200, 203, 204, 300, 301, 308, 404, 410];

/** Headers of one connection, of one proxy or of one answer on its way (RFC 9111 §3.1), which no other may repeat. */
const FLEETING_HEADERS: readonly string[] = [
  "age",
  "cache-status",
  "connection",
  "date",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authentication-info",
  "proxy-authorization",
  "proxy-connection",
  "server-timing",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** Headers of a request whose answer is for who asked alone: credentials, a part of a body, another protocol. */
const PERSONAL_HEADERS: readonly string[] = ["authorization", "cookie", "range", "upgrade"];

/** Directives of an answer that no shared cache shows past its lifetime (RFC 9111 §5.2.2; `s-maxage` includes it). */
const STRICT_DIRECTIVES: readonly string[] = ["must-revalidate", "proxy-revalidate", "s-maxage"];

/** Directives of an answer that is not to be shown to the next one who asks. */
const FORBIDDING_DIRECTIVES: readonly string[] = ["no-store", "private", "no-cache"];

/** Whether a request may be answered with what was made for another: a plain GET that shows no credentials. */
export function isShareable({ method, headers }: Request): boolean {
  return method === "GET" && !PERSONAL_HEADERS.some((name) => headers.has(name));
}

/** Whether an answer may be kept and shown to others. `isVaried`: whether the key tells apart what `Vary` names. */
export function isStorable({ status, headers }: Response, isVaried: boolean): boolean {
  const directives = cacheControl(headers);
  const varies = headers.has("vary") || headers.has("content-encoding");
  return LASTING_STATUSES.includes(status) && !headers.has("set-cookie") &&
    (isVaried ? !headers.get("vary")?.includes("*") : !varies) &&
    // A stream of events has no end that one could wait for.
    !headers.get("content-type")?.startsWith("text/event-stream") &&
    !FORBIDDING_DIRECTIVES.some((directive) => directives.has(directive));
}

/** Whether an answer may not be shown once its lifetime is over, not even when no newer one is to be had. */
export function isStrict(headers: Headers): boolean {
  const directives = cacheControl(headers);
  return STRICT_DIRECTIVES.some((directive) => directives.has(directive));
}

/**
 * For how long from now an answer may be kept by its own word (RFC 9111 §4.2), in milliseconds; `undefined` if it does
 * not say. An `Expires` that is no date means the past, as the RFC has it.
 */
export function lifetimeMs(headers: Headers, nowMs: number): number | undefined {
  const directives = cacheControl(headers);
  const seconds = directives.get("s-maxage") ?? directives.get("max-age");
  if (seconds !== undefined && /^\d{1,10}$/.test(seconds)) {
    return Math.max(0, Number(seconds) * 1_000 - ageMs(headers));
  }
  const expires = headers.get("expires");
  if (expires === null) return undefined;
  const sentMs = Date.parse(headers.get("date") ?? "") || nowMs;
  return Math.max(0, (Date.parse(expires) || 0) - sentMs - ageMs(headers));
}

/** How old an answer was when it came, in milliseconds: other caches may have held it before. */
export function ageMs(headers: Headers): number {
  const seconds = headers.get("age") ?? "";
  return /^\d{1,10}$/.test(seconds) ? Number(seconds) * 1_000 : 0;
}

/** The headers that are kept. */
export function lastingHeaders(headers: Headers): [string, string][] {
  const named = (headers.get("connection") ?? "").toLowerCase().split(",").map((name) =>
    name.trim()
  );
  return [...headers].filter(([name]) => !FLEETING_HEADERS.includes(name) && !named.includes(name));
}

/** Whether the client has this very answer already (RFC 9110 §13.1.2; the comparison is weak). */
export function isUnchanged(request: Request, etag: string | null): boolean {
  const known = request.headers.get("if-none-match");
  if (known === null || etag === null) return false;
  const bare = (tag: string): string => tag.trim().replace(/^W\//, "");
  return known.trim() === "*" || known.split(",").some((tag) => bare(tag) === bare(etag));
}

/** The directives of `Cache-Control` (RFC 9111 §5.2): names in lower case with their values, `""` for none. */
function cacheControl(headers: Headers): ReadonlyMap<string, string> {
  const directives = (headers.get("cache-control") ?? "").split(",").map((directive) => {
    const [name = "", value = ""] = directive.split("=");
    return [name.trim().toLowerCase(), value.trim().replaceAll('"', "")] as const;
  });
  return new Map(directives);
}
