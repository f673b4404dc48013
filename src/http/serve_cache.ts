/**
 * A cache in front of pages: keeps whole responses, made once for everybody who asks at the same time.
 *
 * Every answer says what the cache did: `Cache-Status` for programs (RFC 9211), `Server-Timing` for browsers, `Age`.
 * An answer that may not be shared is never shown to anybody but who caused it, not even to those who waited for it.
 *
 * @module
 */

import type { Cache, CreateContext } from "../cache/mod.ts";
import { type Clock, systemClock } from "../clock.ts";
import { ArgumentError, checkOptions, shown } from "../errors.ts";
import { isShareable, isStorable, isStrict, lifetimeMs, type StoredResponse } from "./caching.ts";
import type { Part, RequestContext } from "./part.ts";
import { toResponse, toStored } from "./stored_response.ts";

/** Options of {@linkcode serveCache}. */
export interface ServeCacheOptions {
  /**
   * The key of a request; `undefined` passes the request by. Who gives this says that the key tells apart everything
   * that the answer depends on: cookies, credentials and what `Vary` names. By default the key is the whole URL, and
   * requests with credentials, answers that vary and URLs of more than 4,000 characters are passed by.
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
type Verdict =
  | "hit"
  | "fwd=miss; stored"
  | "fwd=miss; collapsed"
  | "fwd=miss"
  | "fwd=bypass"
  | "fwd=method";

/**
 * Puts a cache in front of the parts behind it.
 *
 * GET alone is cached. An answer is kept if RFC 9111 lets a shared cache keep it: a lasting status, no `Set-Cookie`,
 * none of `no-store`, `no-cache` and `private`; for as long as its own `s-maxage`, `max-age` or `Expires` says, else for
 * the cache's `ttl`. The cache's `stale` and `staleIfError` hold for answers without `must-revalidate`,
 * `proxy-revalidate` and `s-maxage`, which are never shown past their lifetime. What a request says of caching is not heeded, so that no client empties the cache for the others.
 * When the store is away, every request is answered by the parts behind.
 *
 * A body is read whole before it is answered, up to `bodyBytesMax`; but for streams of events, which are passed on.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION` for an unknown option or a wrong value, `ERR_INVALID_ARGUMENT` if `cache`
 * is none.
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
  checkServed(cache, options);
  const { key: keyOf = keyByDefault, clock = systemClock() } = options;
  const layer = new CacheLayer(cache, options, clock);
  return {
    name: "cache",
    label: cache.name,
    counters: () => ({ ...cache.counters }),
    handle: async (request, context, next) => {
      if (request.method !== "GET") return await layer.passBy("fwd=method", next);
      const key = keyOf(request);
      if (key === undefined) return await layer.passBy("fwd=bypass", next);
      return await layer.pass(key, request, context, next);
    },
  };
}

/** The most bytes of a body that is kept, unless said otherwise. */
const BODY_BYTES_MAX = 1_048_576;

/** The most characters of a URL that is a key; a cache refuses longer ones. */
const URL_LENGTH_MAX = 4_000;

function keyByDefault(request: Request): string | undefined {
  return isShareable(request) && request.url.length <= URL_LENGTH_MAX ? request.url : undefined;
}

function checkServed(cache: Cache, options: ServeCacheOptions): void {
  checkOptions("serve a cache", options, ["key", "tags", "bodyBytesMax", "clock"]);
  if (typeof cache?.with !== "function") {
    throw new ArgumentError(
      "ERR_INVALID_ARGUMENT",
      `Cannot serve a cache as it must be one that createCache made: it is ${shown(cache)}`,
    );
  }
  const { key, tags, bodyBytesMax = 0 } = options;
  for (const [name, value] of Object.entries({ key, tags })) {
    if (value !== undefined && typeof value !== "function") refuse(name, "a function", value);
  }
  if (!Number.isSafeInteger(bodyBytesMax) || bodyBytesMax < 0) {
    refuse("bodyBytesMax", "a whole number of at least 0", bodyBytesMax);
  }
}

function refuse(option: string, rule: string, value: unknown): never {
  throw new ArgumentError(
    "ERR_INVALID_OPTION",
    `Cannot serve a cache as ${option} must be ${rule}: current value is ${shown(value)}`,
  );
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

  /** Answers by the parts behind, and says why. */
  async passBy(verdict: Verdict, next: () => Promise<Response>): Promise<Response> {
    const startedMs = this.#clock.monotonic();
    const response = await next();
    return marked(response, verdict, this.#clock.monotonic() - startedMs);
  }

  /** Answers by what is kept under the key, or by the parts behind. */
  async pass(
    key: string,
    request: Request,
    context: RequestContext,
    next: () => Promise<Response>,
  ): Promise<Response> {
    const [cameAtMs, startedMs] = [this.#clock.now(), this.#clock.monotonic()];
    const mark = (response: Response, verdict: Verdict): Response =>
      marked(response, verdict, this.#clock.monotonic() - startedMs);
    const tags = this.#options.tags?.(request) ?? [];
    let ours: StoredResponse | undefined;
    let unshared: Response | undefined;
    const { signal, waitUntil } = context;
    const cache = this.#cache.with({ signal, ...(waitUntil && { waitUntil }) });
    const stored = await cache.getOrCreate(key, async (c) => {
      const made = await this.#make(next, c);
      if (!(made instanceof Response)) return ours = made;
      if (!c.background) unshared = made;
      return c.skip(undefined);
    }, { tags });
    if (unshared !== undefined) return mark(unshared, "fwd=miss");
    // Somebody else's flight ended in an answer that is theirs alone.
    if (stored === undefined) return mark(await next(), "fwd=miss");
    const response = toResponse(stored, request);
    response.headers.set("age", String(this.#ageSeconds(stored)));
    if (stored === ours) return mark(response, "fwd=miss; stored");
    return mark(response, stored.createdAtMs > cameAtMs ? "fwd=miss; collapsed" : "hit");
  }

  /** Asks the parts behind: a response to keep, for as long as it says itself, or one for this client alone. */
  async #make(
    next: () => Promise<Response>,
    c: Pick<CreateContext, "setTtl" | "setStale">,
  ): Promise<StoredResponse | Response> {
    const response = await next();
    const nowMs = this.#clock.now();
    const lifetime = lifetimeMs(response.headers, nowMs);
    if (lifetime === 0 || !isStorable(response, this.#options.key !== undefined)) return response;
    if (lifetime !== undefined) c.setTtl(lifetime);
    if (isStrict(response.headers)) c.setStale(0);
    return await toStored(response, this.#options.bodyBytesMax ?? BODY_BYTES_MAX, nowMs);
  }

  #ageSeconds({ createdAtMs }: StoredResponse): number {
    return Math.max(0, Math.floor((this.#clock.now() - createdAtMs) / 1_000));
  }
}

/** The response with what the cache did. */
function marked(response: Response, verdict: Verdict, tookMs: number): Response {
  // A change of protocol is no answer: hosts know it by the very object, and nobody may make another.
  if (response.status < 200) return response;
  // A response that came from fetch() has immutable headers: so a fresh one with the same body.
  const fresh = new Response(response.body, response);
  const [word = ""] = /hit|miss/.exec(verdict) ?? ["pass"];
  fresh.headers.append("cache-status", `holdfast; ${verdict}`);
  fresh.headers.append("server-timing", `cache;desc="${word}";dur=${tookMs.toFixed(2)}`);
  return fresh;
}
