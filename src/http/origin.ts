/**
 * Other origins: which of them may read answers (the CORS protocol of the Fetch standard), and which may write.
 *
 * A browser sends a form, an image or a simple `fetch` of any page to any server, with the visitor's cookies. So a write
 * that comes from another origin is refused unless the owner named that origin; programs that are no browsers say no
 * origin and are not concerned. `Sec-Fetch-Site` is believed first, as it is right behind proxies that change the host.
 *
 * @module
 */

/** Which other origins may use the handler from a browser. */
export interface CorsOptions {
  /** The origins, such as `https://app.example`; or `"*"`: any, and then never with credentials. */
  readonly origins: readonly string[] | "*";
  /** Whether browsers may send cookies along; `false` by default. */
  readonly credentials?: boolean;
  /** For how many seconds a browser may keep what a preflight said; 600 by default. */
  readonly maxAgeSeconds?: number;
}

const SAFE_METHODS: readonly string[] = ["GET", "HEAD", "OPTIONS"];
const READABLE_HEADERS = "ETag, Link, Location, Retry-After, Allow, Accept-Patch";

/** Whether a request would change something on behalf of an origin that nobody named. */
export function isForeignWrite(request: Request, cors: CorsOptions | undefined): boolean {
  const { method, headers } = request;
  if (SAFE_METHODS.includes(method)) return false;
  const origin = headers.get("origin");
  if (origin !== null && isNamed(origin, cors)) return false;
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site !== "same-origin" && site !== "none";
  return origin !== null && hostOf(origin) !== new URL(request.url).host;
}

/** Whether a request only asks what another origin may do. */
export function isPreflight({ method, headers }: Request): boolean {
  return method === "OPTIONS" && headers.has("origin") &&
    headers.has("access-control-request-method");
}

/** The headers that let a browser read an answer; none if its origin was not named. */
export function corsHeaders(
  request: Request,
  cors: CorsOptions | undefined,
): [string, string][] {
  if (cors === undefined) return [];
  const vary: [string, string] = ["vary", "origin"];
  const origin = request.headers.get("origin");
  if (origin === null || !isNamed(origin, cors)) return [vary];
  const allowCredentials: [string, string] = ["access-control-allow-credentials", "true"];
  const allowed = cors.origins === "*" ? "*" : origin;
  return [
    vary,
    ["access-control-allow-origin", allowed],
    ["access-control-expose-headers", READABLE_HEADERS],
    ...cors.credentials === true ? [allowCredentials] : [],
  ];
}

/** The headers that a preflight gets beside these. */
export function preflightHeaders(
  request: Request,
  { maxAgeSeconds = 600 }: CorsOptions,
  methods: string,
): [string, string][] {
  return [
    ["access-control-allow-methods", methods],
    // Whatever is asked for: what a header may say is decided where it is read.
    ["access-control-allow-headers", request.headers.get("access-control-request-headers") ?? ""],
    ["access-control-max-age", String(maxAgeSeconds)],
  ];
}

function isNamed(origin: string, cors: CorsOptions | undefined): boolean {
  return cors !== undefined && (cors.origins === "*" || cors.origins.includes(origin));
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    // "null", the origin of sandboxes and files, is nobody's.
    return undefined;
  }
}
