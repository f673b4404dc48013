/**
 * From the keys of users to the keys of stores, so that no two different ones ever meet.
 *
 * A key outside of any namespace is its own store key. One inside is written behind its path: `~tenant-7~drafts:key`.
 * Names in a path have `%`, `~`, `:` and `=` escaped, so the first `:` ends the path, and a plain key that begins with
 * `~` gets an empty path (`~:~key`). Memoized functions have keys that begin with `~=`, which no path does.
 *
 * @module
 */

import { ArgumentError, LimitError, shown } from "../errors.ts";
import type { StoreKey } from "./port.ts";

/** A key: text, or the name of a hash and of one of its fields. */
export type CacheKey = string | readonly [hash: string, field: string];

/** The most bytes of a key, and of each part of a tuple, as UTF-8. */
export const KEY_BYTES_MAX = 4_096;

/** What begins the keys of memoized functions, which are their own store keys. */
const FUNCTION_KEY = "~=";

/** Turns every key, and every part of a tuple, into another that is shorter or hidden. */
export type KeyMangler = (key: string) => string;

/** A path of namespaces, from the outside in, as it stands in front of keys. The root's is empty. */
export type NamespacePath = string;

/**
 * The path of a namespace inside another.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if the name is no text, empty, too long or malformed.
 */
export function innerPath(outer: NamespacePath, name: string): NamespacePath {
  checkPart(name, "namespace");
  return `${outer}~${escaped(name)}`;
}

/**
 * The store key of a key in a namespace.
 *
 * @throws {ArgumentError} `ERR_INVALID_KEY` if it is neither text nor two texts, or empty, or malformed Unicode.
 * @throws {LimitError} `ERR_INVALID_KEY` if it is too long.
 */
export function storeKey(path: NamespacePath, key: CacheKey, mangle?: KeyMangler): StoreKey {
  if (typeof key === "string") return placed(path, checked(key, mangle));
  if (!Array.isArray(key) || key.length !== 2) {
    throw new ArgumentError(
      "ERR_INVALID_KEY",
      "Cannot use a key as it must be text or [hash, field]: " +
        `it is ${Array.isArray(key) ? `an array of ${key.length}` : kindOf(key)}`,
    );
  }
  return [placed(path, checked(key[0], mangle)), checked(key[1], mangle)];
}

/**
 * The key of a memoized function for a list of arguments.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if the name is no text, empty, too long or malformed.
 */
export function functionKey(name: string, argumentsText: string): string {
  checkPart(name, "function name");
  return `${FUNCTION_KEY}${escaped(name)}:${argumentsText}`;
}

/** One text per store key, the key itself mostly, for maps. Different keys have different texts. */
export function flatKey(key: StoreKey): string {
  if (typeof key === "string") return key.charCodeAt(0) === 0 ? `\0s${key}` : key;
  return `\0h${key[0].length}:${key[0]}${key[1]}`;
}

/** The name of a namespace's epoch. */
export function namespaceEpoch(path: NamespacePath): string {
  return `n${path}`;
}

/** The name of a tag's epoch in a namespace. */
export function tagEpoch(path: NamespacePath, tag: string): string {
  checkPart(tag, "tag");
  return `t${path}:${tag}`;
}

/** How many bytes a text has as UTF-8. */
export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // Each half of a surrogate pair counts two of the pair's four bytes.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
  }
  return bytes;
}

function checkPart(name: string, what: string): void {
  if (typeof name === "string" && name !== "" && isWithin(name) && name.isWellFormed()) return;
  throw new ArgumentError(
    "ERR_INVALID_ARGUMENT",
    `Cannot use a ${what} as it must be well-formed text of 1 to ${KEY_BYTES_MAX} bytes`,
  );
}

function checked(key: unknown, mangle: KeyMangler | undefined): string {
  const text = mangle === undefined || typeof key !== "string" ? key : mangle(key);
  if (typeof text !== "string") return refused(`must be text: it is ${kindOf(text)}`);
  if (text === "") return refused("must not be empty");
  if (!text.isWellFormed()) return refused("must be well-formed Unicode");
  if (isWithin(text)) return text;
  throw new LimitError(
    "ERR_INVALID_KEY",
    `Cannot use a key as it must have at most ${KEY_BYTES_MAX} bytes: it has ${utf8Bytes(text)}`,
  );
}

function refused(why: string): never {
  throw new ArgumentError("ERR_INVALID_KEY", `Cannot use a key as it ${why}`);
}

function placed(path: NamespacePath, key: string): string {
  if (path !== "") return `${path}:${key}`;
  return key.charCodeAt(0) === 0x7e && !key.startsWith(FUNCTION_KEY) ? `~:${key}` : key;
}

function isWithin(text: string): boolean {
  return text.length * 3 <= KEY_BYTES_MAX || utf8Bytes(text) <= KEY_BYTES_MAX;
}

function escaped(name: string): string {
  return name.replace(/[%~:=]/g, (unit) => `%${unit.charCodeAt(0).toString(16)}`);
}

function kindOf(value: unknown): string {
  return value === null ? "null" : typeof value === "object" ? shown(value) : typeof value;
}
