/**
 * From values to text and back: JSON that keeps what JSON loses.
 *
 * A value that JSON carries unchanged is written as plain JSON, and costs little more than `JSON.stringify`. Anything
 * else makes a copy of the path that leads to it, in which an object with a single key that begins with `$` stands for
 * what JSON has no word for; the text then begins with `~`, which no JSON does. Only such texts are walked when read.
 *
 * @module
 */

import { fromBase64, toBase64 } from "../bytes.ts";
import { HoldfastError } from "../errors.ts";

/** How values become text or bytes, and come back. The names are those of Python's pickle, json and dogpile.cache. */
export interface Serializer {
  /** Writes a value. Whatever it throws, the caller of the cache gets `ERR_NOT_SERIALIZABLE` with that as its cause. */
  dumps(value: unknown): string | Uint8Array;
  /** Reads what `dumps` wrote. Whatever it throws, the entry counts as missing. */
  loads(data: never): unknown;
}

/**
 * The serializer of every cache that has none of its own: JSON that also keeps `Date`, `Map`, `Set`, `BigInt`,
 * `Uint8Array`, `undefined`, `NaN`, the infinities and `-0`. Objects come back as plain objects, whatever their class.
 *
 * @example
 * ```ts
 * import { richJson } from "@holdfast/holdfast/cache";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * const value = { at: new Date(0), seen: new Map([["a", 1n]]), gone: undefined };
 * deepStrictEqual(richJson.loads(richJson.dumps(value)), value);
 * ```
 */
export const richJson: {
  /** Writes a value. */
  dumps(value: unknown): string;
  /** Reads what `dumps` wrote. */
  loads(text: string): unknown;
} = {
  dumps: (value) => {
    const plain = toPlain(value, []);
    return (plain === value ? "" : "~") + JSON.stringify(plain);
  },
  loads: (text) => text.startsWith("~") ? revived(JSON.parse(text.slice(1))) : JSON.parse(text),
};

/**
 * A value's payload: what its serializer wrote, as text. Bytes become `=` and base64, other text that begins with `=`
 * or `:` gets a `:` in front.
 *
 * @throws {HoldfastError} `ERR_NOT_SERIALIZABLE` if the serializer throws, or gives neither text nor bytes.
 */
export function encoded(serializer: Serializer, value: unknown): string {
  let data: unknown;
  try {
    data = serializer.dumps(value);
  } catch (cause) {
    // A serializer may throw anything; the caller gets one code for it.
    if (HoldfastError.is(cause, "ERR_NOT_SERIALIZABLE")) throw cause;
    throw new HoldfastError(
      "ERR_NOT_SERIALIZABLE",
      "Cannot store a value as its serializer failed",
      { cause },
    );
  }
  if (data instanceof Uint8Array) return `=${toBase64(data)}`;
  if (typeof data !== "string") unstorable(`its serializer gave ${typeof data}`);
  return /^[=:]/.test(data) ? `:${data}` : data;
}

/** The value of a payload. Throws what the serializer throws. */
export function decoded(serializer: Serializer, text: string): unknown {
  const kind = text.charCodeAt(0);
  // The serializer gets what it wrote: its own side of the contract, which no type here can name.
  if (kind === 0x3d) return serializer.loads(fromBase64(text.slice(1)) as never);
  return serializer.loads((kind === 0x3a ? text.slice(1) : text) as never);
}

/** The value itself if JSON carries it unchanged, else a copy in which tags stand for what it does not. */
function toPlain(value: unknown, above: object[]): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0) ? value : { $f: numberName(value) };
    case "undefined":
      return { $u: 0 };
    case "bigint":
      return { $n: String(value) };
    case "object":
      return value === null ? null : objectToPlain(value, above);
    default:
      return unstorable(`it contains a ${typeof value}`);
  }
}

function objectToPlain(value: object, above: object[]): unknown {
  if (value instanceof Date) return { $d: value.getTime() };
  if (value instanceof Uint8Array) return { $b: toBase64(value) };
  if (ArrayBuffer.isView(value)) return unstorable("it contains a view that is no Uint8Array");
  if (above.includes(value)) return unstorable("it contains itself");
  above.push(value);
  const plain = containerToPlain(value, above);
  above.pop();
  return plain;
}

function containerToPlain(value: object, above: object[]): unknown {
  if (value instanceof Map) {
    return { $m: [...value].map((entry) => entry.map((part) => toPlain(part, above))) };
  }
  if (value instanceof Set) return { $s: [...value].map((part) => toPlain(part, above)) };
  if (Array.isArray(value)) return arrayToPlain(value, above);
  if ("toJSON" in value && typeof value.toJSON === "function") {
    return toPlain(value.toJSON(), above);
  }
  return recordToPlain(value as Readonly<Record<string, unknown>>, above);
}

function arrayToPlain(value: readonly unknown[], above: object[]): unknown {
  let copy: unknown[] | undefined;
  for (let i = 0; i < value.length; i++) {
    const part = value[i];
    const plain = toPlain(part, above);
    if (plain === part) continue;
    copy ??= value.slice();
    copy[i] = plain;
  }
  return copy ?? value;
}

function recordToPlain(value: Readonly<Record<string, unknown>>, above: object[]): unknown {
  let pairs: [string, unknown][] | undefined;
  const keys = Object.keys(value);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] ?? "";
    const part = value[key];
    const plain = toPlain(part, above);
    const isTagLike = key.charCodeAt(0) === 0x24;
    if (plain === part && !isTagLike && pairs === undefined) continue;
    pairs ??= keys.slice(0, i).map((before) => [before, value[before]]);
    pairs.push([isTagLike ? `$${key}` : key, plain]);
  }
  return pairs === undefined ? value : Object.fromEntries(pairs);
}

/** The value that a parsed text stands for; changes containers in place, as nobody else has them yet. */
function revived(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = revived(value[i]);
    return value;
  }
  const pairs = Object.entries(value);
  const [first] = pairs;
  if (pairs.length === 1 && first !== undefined && /^\$[^$]/.test(first[0])) {
    return untagged(first[0], first[1]);
  }
  return Object.fromEntries(
    pairs.map(([key, part]) => [key.startsWith("$") ? key.slice(1) : key, revived(part)]),
  );
}

function untagged(tag: string, part: unknown): unknown {
  switch (tag) {
    case "$u":
      return undefined;
    case "$f":
      return Number(part);
    case "$n":
      return BigInt(String(part));
    case "$d":
      return new Date(part === null ? NaN : Number(part));
    case "$b":
      return fromBase64(String(part));
    case "$s":
      return new Set(revived(part) as unknown[]);
    case "$m":
      return new Map(revived(part) as [unknown, unknown][]);
    default:
      throw new HoldfastError("ERR_MALFORMED", "Cannot read a value as it has an unknown tag");
  }
}

function numberName(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function unstorable(why: string): never {
  throw new HoldfastError("ERR_NOT_SERIALIZABLE", `Cannot store a value as ${why}`);
}

/** Bytes in chunks that fit an argument list. */
