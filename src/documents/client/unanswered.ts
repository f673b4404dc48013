/**
 * What a document sent on this connection and has no answer to, given up or not: mostly one.
 *
 * @module
 */

import type { OpIdentity } from "../change.ts";
import { isSameSource } from "../protocol/messages.ts";

/** The identities of operations that are not answered; nobody changes one in place. */
export type Unanswered = readonly OpIdentity[];

/** Nothing. */
export const ALL_ANSWERED: Unanswered = [];

/** They, and one more. */
export function withSent(unanswered: Unanswered, identity: OpIdentity): Unanswered {
  // A list for one is as small as can be: mostly there is one.
  return unanswered.length === 0 ? [identity] : [...unanswered, identity];
}

/** They, without one; all of them for -1. */
export function withoutAt(unanswered: Unanswered, at: number): Unanswered {
  if (at === -1) return unanswered;
  return unanswered.length === 1 ? ALL_ANSWERED : unanswered.toSpliced(at, 1);
}

/** Which of them a message names; -1 if none. */
export function answeredBy(
  unanswered: Unanswered,
  { src = "", seq }: { readonly src?: string | undefined; readonly seq?: number | undefined },
): number {
  return unanswered.findIndex(({ source, sequence }) =>
    sequence === seq && isSameSource(source, src)
  );
}
