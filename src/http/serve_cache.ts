/**
 * A cache in front of pages: keeps whole responses, made once for everybody who asks at the same time.
 *
 * Every answer says what the cache did: `Cache-Status` for programs (RFC 9211), `Server-Timing` for browsers, `Age`.
 * An answer that may not be shared is never shown to anybody but who caused it, not even to those who waited for it.
 *
 * @module
 */

import type { Cache } from "../cache/mod.ts";
import { type Clock, systemClock } from "../clock.ts";
import { checkOptions } from "../errors.ts";
import { isShareable, isStorable, lifetimeMs, type StoredResponse } from "./caching.ts";
import type { Part, RequestContext } from "./handler.ts";
import { toResponse, toStored } from "./stored_response.ts";

/** Options of {@linkcode serveCache}. */
export interface ServeCacheOptions {
  /**
   * The key of a request; `undefined` passes the request by. Who gives this says that the key tells apart everything
   * that the answer depends on: cookies, credentials and what `Vary` names. By default the key is the whole URL, and
   * requests with credentials and answers that vary are passed by.
   */
  readonly key?: (request: Request) => string | undefined;
  /** The tags of a request's answer, to invalidate it by. */
  readonly tags?: (request: Request) => readonly string[];
  /** The most bytes of a body that is kept; a larger one is only passed on. 1 MiB by default. */
  readonly bodyBytesMax?: number;
  /** Where ages and times are read; the host's clock by default. */
  readonly clock?: Clock;
}

/** What the cache did, in the words of RFC 9211 §2. */
type Verdict = "hit" | "fwd=miss; stored" | "fwd=miss; collapsed" | "fwd=miss";

/**
 * Puts a cache in front of the parts behind it.
 *
 * GET alone is cached. An answer is kept if RFC 9111 lets a shared cache keep it: a lasting status, no `Set-Cookie`,
 * none of `no-store`, `no-cache` and `private`; for as long as its own `s-maxage` or `max-age` says, else for the
 * cache's `ttl`. When the store is away, every request is answered by the parts behind.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION` for an unknown option.
 *
 * @example
 * ```ts
 * import { createCache } from "@holdfast/holdfast/cache";
 * import { createHandler, serveCache } from "@holdfast/holdfast/http";
 * import { memory } from "@holdfast/holdfast/memory";
 * import { match, strictEqual } from "node:assert/strict";
 *
 * let made = 0;
 * const pages = createCache(memory(), { name: "pages", ttl: "10m" });
 * const handler = createHandler([serveCache(pages), () => new Response(`page ${++made}`)]);
 *
 * await handler(new Request("http://localhost/"));
 * const again = await handler(new Request("http://localhost/"));
 * strictEqual(await again.text(), "page 1");
 * match(again.headers.get("cache-status") ?? "", /; hit$/);
 * ```
 */
export function serveCache(cache: Cache, options: ServeCacheOptions = {}): Part {
  checkOptions("serve a cache", options, ["key", "tags", "bodyBytesMax", "clock"]);
  const { key: keyOf = keyByDefault, clock = systemClock() } = options;
  const layer = new CacheLayer(cache, options, clock);
  return {
    name: "cache",
    handle: async (request, context, next) => {
      const key = request.method === "GET" ? keyOf(request) : undefined;
      return key === undefined ? await next() : await layer.pass(key, request, context, next);
    },
  };
}

/** The most bytes of a body that is kept, unless said otherwise. */
const BODY_BYTES_MAX = 1_048_576;

function keyByDefault(request: Request): string | undefined {
  return isShareable(request) ? request.url : undefined;
}

/** A cache with what `serveCache` was told. */
class CacheLayer {
  readonly #cache: Cache;
  readonly #options: ServeCacheOptions;
  readonly #clock: Clock;

  constructor(cache: Cache, options: ServeCacheOptions, clock: Clock) {
    this.#cache = cache;
    this.#options = options;
    this.#clock = clock;
  }

  async pass(
    key: string,
    request: Request,
    context: RequestContext,
    next: () => Promise<Response>,
  ): Promise<Response> {
    const [cameAtMs, startedMs] = [this.#clock.now(), this.#clock.monotonic()];
    const mark = (response: Response, verdict: Verdict): Response =>
      this.#marked(response, verdict, this.#clock.monotonic() - startedMs);
    const tags = this.#options.tags?.(request) ?? [];
    let ours: StoredResponse | undefined;
    let unshared: Response | undefined;
    const stored = await this.#cache.with(context).getOrCreate(key, async (c) => {
      const made = await this.#make(next);
      if (made instanceof Response) {
        if (!c.background) unshared = made;
        return c.skip(undefined);
      }
      const lifetime = lifetimeMs(new Headers(made.headers.map(([name, value]) => [name, value])));
      if (lifetime !== undefined) c.setTtl(lifetime);
      return ours = made;
    }, { tags });
    if (unshared !== undefined) return mark(unshared, "fwd=miss");
    // Somebody else's flight ended in an answer that is theirs alone.
    if (stored === undefined) return mark(await next(), "fwd=miss");
    const response = toResponse(stored, request);
    response.headers.set("age", String(this.#ageSeconds(stored)));
    if (stored === ours) return mark(response, "fwd=miss; stored");
    return mark(response, stored.createdAtMs > cameAtMs ? "fwd=miss; collapsed" : "hit");
  }

  /** Asks the parts behind: a response to keep, or one for this client alone. */
  async #make(next: () => Promise<Response>): Promise<StoredResponse | Response> {
    const response = await next();
    if (!isStorable(response, this.#options.key !== undefined)) return response;
    return await toStored(
      response,
      this.#options.bodyBytesMax ?? BODY_BYTES_MAX,
      this.#clock.now(),
    );
  }

  #ageSeconds({ createdAtMs }: StoredResponse): number {
    return Math.max(0, Math.floor((this.#clock.now() - createdAtMs) / 1_000));
  }

  #marked(response: Response, verdict: Verdict, tookMs: number): Response {
    // A response that came from fetch() has immutable headers: so a fresh one with the same body.
    const marked = new Response(response.body, response);
    const word = verdict === "hit" ? "hit" : "miss";
    marked.headers.append("cache-status", `holdfast; ${verdict}`);
    marked.headers.append("server-timing", `cache;desc="${word}";dur=${tookMs.toFixed(2)}`);
    return marked;
  }
}
