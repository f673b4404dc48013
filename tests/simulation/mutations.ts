/**
 * Known mistakes, each a small change of the source: those that others made (bugs of the field and of the ancestor) and
 * those that a careless hand would make here. The simulator must find every one of them.
 *
 * A mistake is applied to a copy of the source (see `mutant.ts`); nothing in `src/` knows of it.
 *
 * @module
 */

import { ELECTION_MISTAKES } from "./mutations/elections.ts";
import { MEMBERSHIP_MISTAKES } from "./mutations/membership.ts";
import type { Mutation } from "./mutations/mistake.ts";
import { READ_MISTAKES } from "./mutations/reading.ts";
import { REPLICATION_MISTAKES } from "./mutations/replication.ts";
import { STORE_MISTAKES } from "./mutations/storing.ts";

/** All mistakes. */
export const MUTATIONS: readonly Mutation[] = [
  ...ELECTION_MISTAKES,
  ...REPLICATION_MISTAKES,
  ...MEMBERSHIP_MISTAKES,
  ...READ_MISTAKES,
  ...STORE_MISTAKES,
];
