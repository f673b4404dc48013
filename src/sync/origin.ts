/**
 * Which pages may connect: those of the hub's own origin, and those that are named. A browser tells the page's origin and
 * cannot be made to lie by the page; programs tell none, and are let in by their credentials alone.
 *
 * @module
 */

/** Whether a request comes from a page that may connect. */
export function isAllowedOrigin(request: Request, origins: readonly string[]): boolean {
  const origin = request.headers.get("origin");
  if (origin === null || origins.includes("*") || origins.includes(origin)) return true;
  return origin === ownOrigin(request);
}

/** What a page of another origin is told, so that its browser lets it read the answer. */
export function corsHeaders(request: Request, origins: readonly string[]): Record<string, string> {
  const origin = request.headers.get("origin");
  if (origin === null || origin === ownOrigin(request)) return {};
  if (!isAllowedOrigin(request, origins)) return { vary: "origin" };
  return {
    "access-control-allow-origin": origin,
    "access-control-allow-credentials": "true",
    vary: "origin",
  };
}

/** The answer to a browser that asks before it asks. */
export function preflight(request: Request, origins: readonly string[]): Response {
  return new Response(null, {
    status: 204,
    headers: {
      ...corsHeaders(request, origins),
      "access-control-allow-methods": "GET, POST",
      "access-control-allow-headers": "authorization, content-type, last-event-id",
      "access-control-max-age": "7200",
    },
  });
}

/** The origin under which the request reached the hub: by its `Host`, which a front leaves as it is. */
function ownOrigin(request: Request): string {
  const url = new URL(request.url);
  const host = request.headers.get("host") ?? url.host;
  // A front that ends TLS speaks plain HTTP to the hub, so the page's scheme may be the better one.
  const scheme = request.headers.get("origin")?.startsWith("https:") ? "https:" : url.protocol;
  return `${scheme.replace(/^ws/, "http")}//${host}`;
}
