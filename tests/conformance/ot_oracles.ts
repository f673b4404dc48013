/**
 * The npm packages that the types of `src/ot` are held against, and those that have to plug in.
 *
 * @module
 */

import * as json0Module from "ot-json0";
import * as json1Module from "ot-json1";
import * as textModule from "ot-text";
import * as textUnicodeModule from "ot-text-unicode";
import * as richTextModule from "rich-text";
import type { OtType } from "../../src/ot/mod.ts";

/** A type as the packages ship it: some in a field of their module, some with subtypes to be registered. */
interface Shipped extends OtType {
  readonly type?: OtType;
  readonly registerSubtype?: (subtype: OtType) => void;
}

function shipped(module: unknown): Shipped {
  // The packages have no types, or not this one; checkType() is tried on each of them.
  const found = module as Shipped & { readonly default?: Shipped };
  return (found.type ?? found.default?.type ?? found.default ?? found) as Shipped;
}

/** ot-json0, with ot-text as a subtype. */
export const json0: Shipped = shipped(json0Module);
/** ot-json1. */
export const json1: OtType = shipped(json1Module);
/** ot-text. */
export const otText: OtType = shipped(textModule);
/** ot-text-unicode. */
export const textUnicode: OtType = shipped(textUnicodeModule);
/** rich-text. */
export const richText: OtType = shipped(richTextModule);

json0.registerSubtype?.(otText);
