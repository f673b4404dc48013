/**
 * How large each thing may be that a user bundles: the table that `deno task sizes` holds the library against.
 *
 * Every door has a row, and every package that the library needs at run time. A row that is too small is raised in the
 * commit that needs the room, and says there what the bytes are for.
 *
 * @module
 */

/** The bound of one bundle, in bytes, minified and compressed by gzip. */
export type Budget =
  /** Everything that a door gives, without packages. */
  | { readonly door: string; readonly bytesMax: number }
  /** What a user's program takes of some doors, without packages. */
  | { readonly name: string; readonly code: string; readonly bytesMax: number }
  /** What a package adds to all doors together. */
  | { readonly package: string; readonly bytesMax: number };

/** All bounds. */
export const BUDGETS: readonly Budget[] = [
  { door: ".", bytesMax: 12_000 },
  { door: "./cache", bytesMax: 6_500 },
  { door: "./http", bytesMax: 3_000 },
  { door: "./memory", bytesMax: 6_000 },
  { door: "./ot", bytesMax: 9_000 },
  { name: "json", code: `export { json } from "@holdfast/holdfast/ot";`, bytesMax: 7_500 },
  { name: "text", code: `export { text } from "@holdfast/holdfast/ot";`, bytesMax: 2_800 },
  { door: "./testing", bytesMax: 12_000 },
];
