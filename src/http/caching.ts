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
  /** When it was made, by the clock of who made it. */
  readonly createdAtMs: number;
}

/** Statuses that say something lasting about a page (RFC 9110 §15.1, without those that carry parts of a body). */
const LASTING_STATUSES: readonly number[] = [200, 203, 204, 300, 301, 308, 404, 410];

/** Headers of one connection or of one answer on its way (RFC 9111 §3.1), which no other answer may repeat. */
const FLEETING_HEADERS: readonly string[] = [
  "age",
  "cache-status",
  "connection",
  "date",
  "keep-alive",
  "proxy-authenticate",
  "proxy-connection",
  "server-timing",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** Whether a request may be answered with what was made for another: a plain GET that shows no credentials. */
export function isShareable(request: Request): boolean {
  const { headers } = request;
  return request.method === "GET" && !headers.has("authorization") && !headers.has("cookie") &&
    !headers.has("range");
}

/** Whether an answer may be kept and shown to others. `isVaried`: whether the key tells apart what `Vary` names. */
export function isStorable(response: Response, isVaried: boolean): boolean {
  const { headers } = response;
  const directives = cacheControl(headers);
  return LASTING_STATUSES.includes(response.status) && !headers.has("set-cookie") &&
    (isVaried || !(headers.has("vary") || headers.has("content-encoding"))) &&
    !["no-store", "private", "no-cache"].some((directive) => directives.has(directive));
}

/** How long the answer itself says it may be kept, in milliseconds; `undefined` if it does not say. */
export function lifetimeMs(headers: Headers): number | undefined {
  const directives = cacheControl(headers);
  const seconds = directives.get("s-maxage") ?? directives.get("max-age");
  return seconds !== undefined && /^\d{1,10}$/.test(seconds) ? Number(seconds) * 1_000 : undefined;
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
