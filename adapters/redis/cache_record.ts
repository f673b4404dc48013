/**
 * How a cache's record is written in Redis: `1;created;ttl;life;cost;id;tags;epochs|payload`.
 *
 * Times are milliseconds; a life without end is `inf`. The id is that of the write, tags are URL-encoded and separated by
 * commas, and the payload is as the serializer wrote it. The head is text that scripts can put together and compare.
 *
 * @module
 */

import type { CacheRecord, CacheTerms, Found } from "../../src/cache/port.ts";

const HEAD = /^1;(\d+);([\d.e+]+|inf);([\d.e+]+|inf);(\d+);([\w-]*);([^;|]*);([^;|]*)\|/;

/** Terms of records without any: bare payloads have no age but the server's expiry. */
const BARE: CacheTerms = { ttlMs: Infinity, lifeMs: Infinity, tags: [], epochs: [] };

/** How the record of a time begins: what a lease is asked for over. */
export function beginning(createdAtMs: number): string {
  return `1;${createdAtMs};`;
}

/** The part of a head between the time of creation and the epochs. */
export function middle(
  { ttlMs, lifeMs, tags }: Omit<CacheTerms, "epochs">,
  costMs: number,
  id: string,
): string {
  const named = tags.map(encodeURIComponent).join(",");
  return `;${numeral(ttlMs)};${numeral(lifeMs)};${costMs};${id};${named};`;
}

/** The head of a record but for late epochs and the `|` that ends it. */
export function head({ createdAtMs, costMs, terms }: CacheRecord, id: string): string {
  return `1;${Math.floor(createdAtMs)}${middle(terms, costMs, id)}${terms.epochs.join(",")}`;
}

/** What a stored text is. */
export function found(text: string | null, isBare: boolean): Found {
  if (text === null) return undefined;
  if (isBare) return { text, createdAtMs: 0, costMs: 0, terms: BARE, memo: undefined };
  const match = HEAD.exec(text);
  if (match === null) return "foreign";
  const [all, createdAt, ttl = "", life = "", cost, , tags = "", epochs = ""] = match;
  try {
    return {
      text: text.slice(all.length),
      createdAtMs: Number(createdAt),
      costMs: Number(cost),
      terms: {
        ttlMs: parsed(ttl),
        lifeMs: parsed(life),
        tags: list(tags).map(decodeURIComponent),
        epochs: list(epochs),
      },
      memo: undefined,
    };
  } catch {
    // A tag that is no URL encoding: nothing that this wrote.
    return "foreign";
  }
}

/** The longest life that the server is told of, in milliseconds; longer ones have no end there. */
const LIFE_MS_MAX = 1e13;

/** A life as the scripts take it: whole milliseconds of at least 1, or `forEver`. */
export function lifeText(lifeMs: number, forEver: string): string {
  return lifeMs > LIFE_MS_MAX ? forEver : String(Math.max(1, Math.ceil(lifeMs)));
}

function numeral(ms: number): string {
  return ms === Infinity ? "inf" : String(ms);
}

function parsed(text: string): number {
  return text === "inf" ? Infinity : Number(text);
}

function list(text: string): string[] {
  return text === "" ? [] : text.split(",");
}
