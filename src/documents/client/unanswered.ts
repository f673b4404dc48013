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

/** Which of them a message names; -1 if none. */
export function answeredBy(
  unanswered: Unanswered,
  { src = "", seq }: { readonly src?: string | undefined; readonly seq?: number | undefined },
): number {
  return unanswered.findIndex(({ source, sequence }) =>
    sequence === seq && isSameSource(source, src)
  );
}
