/**
 * The order of texts in memory, by their bytes and not by their UTF-16 units.
 *
 * @module
 */

import { SortedTexts } from "../../../adapters/memory/sorted_texts.ts";
import { deepStrictEqual, strictEqual } from "node:assert/strict";

const ALL = { limit: 100 };
/** In the order of their bytes; UTF-16 has the last before the one in front of it. */
const ORDERED = ["a", "z", "\u00e9", "\ud7ff", "\uff5e", "\u{1f600}"];

Deno.test("SortedTexts.range() keeps the order of bytes when a text past U+D7FF comes late", () => {
  for (const late of ORDERED) {
    const texts = new SortedTexts();
    for (const text of ORDERED) if (text !== late) texts.add(text);
    texts.add(late);
    deepStrictEqual(texts.range("", "\u{10ffff}", ALL), ORDERED);
    for (const text of ORDERED) strictEqual(texts.has(text), true);
  }
});

Deno.test("SortedTexts.count() takes bounds past U+D7FF in the order of bytes", () => {
  const texts = new SortedTexts();
  for (const text of ["a", "\u00e9"]) texts.add(text);
  strictEqual(texts.count("a", "\uff5e"), 2);
  texts.add("\uff5e");
  strictEqual(texts.count("a", "\u{1f600}"), 3);
  strictEqual(texts.count("\uff5e", "\u{1f600}"), 1);
});
