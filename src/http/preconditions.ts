/**
 * What a request builds on (RFC 9110 §13): versions as entity tags.
 *
 * Tags are compared without the mark of weakness, which proxies put on when they compress: the version inside names one
 * state exactly, however its bytes were packed.
 *
 * @module
 */

/** What a header of preconditions names: nothing, anything, or some versions. */
export type Preconditions = undefined | "*" | readonly string[];

/** The entity tag of a version. */
export function etagOf(version: string): string {
  return `"${version}"`;
}

/** The versions of an `If-Match` or `If-None-Match`; what is no entity tag is the version of nothing. */
export function preconditionsOf(header: string | null): Preconditions {
  if (header === null) return undefined;
  if (header.trim() === "*") return "*";
  return header.split(",").map((tag) => /^\s*(?:W\/)?"([^"]*)"\s*$/.exec(tag)?.[1] ?? "");
}

/** The key of an `Idempotency-Key`, with or without the quotes of a structured field; `undefined` if it is none. */
export function idempotencyKey(header: string): string | undefined {
  const [, quoted, bare] =
    /^(?:"([\x20\x21\x23-\x7e]{1,255})"|([\x21\x23-\x7e]{1,255}))$/.exec(header) ?? [];
  return quoted ?? bare;
}
