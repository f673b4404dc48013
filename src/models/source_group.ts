/**
 * Sources of writes in groups, so that a store that moves one rewrites a few of them and not all.
 *
 * @module
 */

import { hash32 } from "../ordered_text.ts";

/** How many groups there are. */
const GROUPS = 64;

/** The group of a source, from 0 to 63. */
export function sourceGroup(source: string): number {
  return hash32(source) % GROUPS;
}
