/**
 * What the server has of a client's document, made when it is needed.
 *
 * While something of one's own waits, every operation of others changes two documents: the one that the user sees, and
 * the base below it. The second is seldom looked at before what waits is committed, and then it is what the user sees.
 * So a few operations are kept beside it instead (`bench/documents_bench.ts`).
 *
 * @module
 */

import type { OtType } from "../../ot/mod.ts";
import type { Change } from "../change.ts";
import { applyChange, type Live } from "./live.ts";

/** Committed edits that are not in the base yet, the latest first. */
export interface Behind {
  readonly change: Change;
  readonly earlier: Behind | undefined;
  /** How many they are. */
  readonly count: number;
}

/** What a base is part of: a document in the making. */
export interface Based {
  base: Live;
  behind: Behind | undefined;
  /** What waits on top of it. */
  readonly queue: readonly unknown[];
}

/** The most edits that are kept beside a base; one more puts all of them into it. */
export const BEHIND_MAX = 64;

/**
 * The base with all that is committed.
 *
 * @throws What the type has against an edit that does not fit.
 */
export function baseOf({ base, behind }: Readonly<Omit<Based, "queue">>): Live {
  const edits: Change[] = [];
  for (let at = behind; at !== undefined; at = at.earlier) edits.push(at.change);
  // An edit needs no types but the document's own.
  return edits.reduceRight<Live>((live, edit) => applyChange([], live, edit), base);
}

/** Puts into the base what is kept beside it. */
export function settleBase(draft: Based): Live {
  if (draft.behind === undefined) return draft.base;
  draft.base = baseOf(draft);
  draft.behind = undefined;
  return draft.base;
}

/** Takes one more committed change into the base, or keeps it beside. */
export function growBase(
  { types, isStored }: { readonly types: readonly OtType[]; readonly isStored: boolean },
  draft: Based,
  change: Change,
): void {
  const count = (draft.behind?.count ?? 0) + 1;
  const mayWait = change.kind === "op" && draft.queue.length > 0 && count <= BEHIND_MAX;
  // What is stored has its base with it, every time.
  if (mayWait && draft.base !== undefined && !isStored) {
    draft.behind = { change, earlier: draft.behind, count };
  } else draft.base = applyChange(types, settleBase(draft), change);
}
