/**
 * Values as texts whose order by UTF-8 bytes is the order of the values.
 *
 * A scalar is a letter and its value: `b0` and `b1`, `n` and the number's bits, `s` and the string; so booleans come
 * before numbers, and numbers before strings. A number's bits (IEEE 754) are flipped so that they sort as unsigned
 * ones (a known trick: all bits of a negative number, the sign of any other), written as hexadecimal digits, and
 * stripped of trailing zeros, which U+0000, the separator of all index keys, sorts before. Control characters of a
 * string are written as U+0001 and a letter, which keeps their order too.
 *
 * @module
 */

/** What can be unique, indexed, a scope or a member of a set. */
export type Scalar = string | number | boolean;

// deno-lint-ignore no-control-regex
const CONTROL = /[\u0000-\u001f]/g;
// deno-lint-ignore no-control-regex
const HAS_CONTROL = /[\u0000-\u001f]/;
// deno-lint-ignore no-control-regex
const ESCAPED = /\u0001([@-_])/g;
/** Where a number is written to be read as bits; nothing stays in it. A buffer for each would cost more than its use. */
const BITS = new DataView(new ArrayBuffer(8));

/** A scalar as text. Numbers are finite, strings well-formed: who calls has checked it. */
export function encodeScalar(value: Scalar): string {
  switch (typeof value) {
    case "string":
      return `s${HAS_CONTROL.test(value) ? value.replace(CONTROL, escaped) : value}`;
    case "number":
      return `n${sortableBits(value)}`;
    case "boolean":
      return value ? "b1" : "b0";
  }
}

/** The scalar of a text that {@linkcode encodeScalar} made. */
export function decodeScalar(text: string): Scalar {
  const value = text.slice(1);
  if (text.startsWith("n")) return numberOfBits(value);
  if (text.startsWith("b")) return value === "1";
  return value.replace(ESCAPED, (_, char: string) => moved(char, -64));
}

/** The order of two well-formed texts by their UTF-8 bytes, which is the order of their code points. */
export function compareUtf8(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    // UTF-16 puts surrogates, which stand for U+10000 and above, before U+E000 to U+FFFF: the one place it differs.
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
}

/** A hash of 32 bits (FNV-1a over UTF-16 units; Fowler, Noll and Vo), against mistakes and not against malice. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

function escaped(char: string): string {
  return `\u0001${moved(char, 64)}`;
}

function moved(char: string, by: number): string {
  return String.fromCharCode(char.charCodeAt(0) + by);
}

function sortableBits(value: number): string {
  BITS.setFloat64(0, value === 0 ? 0 : value);
  const high = BITS.getUint32(0);
  const low = BITS.getUint32(4);
  const isNegative = high >>> 31 === 1;
  const first = hex8(isNegative ? ~high : high ^ 0x80000000);
  // Most numbers of use are whole and small: they have nothing in their lower half.
  const digits = isNegative || low !== 0 ? first + hex8(isNegative ? ~low : low) : first;
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === 48) end--;
  return digits.slice(0, end);
}

function numberOfBits(digits: string): number {
  const all = digits.padEnd(16, "0");
  const high = parseInt(all.slice(0, 8), 16);
  const low = parseInt(all.slice(8), 16);
  const isNegative = high >>> 31 === 0;
  BITS.setUint32(0, isNegative ? ~high : high ^ 0x80000000);
  BITS.setUint32(4, isNegative ? ~low : low);
  return BITS.getFloat64(0);
}

function hex8(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
