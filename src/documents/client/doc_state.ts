/**
 * One document of a client, as a machine: `(state, event) → { state, effects }`.
 *
 * What always holds:
 *
 * 1. `base` with what is `behind` is what the server has at `version`, and `live`, which the user sees, is that with the
 *    queue on it.
 * 2. At most the first of the queue is on its way; its identity stays the same until it is answered, whatever breaks.
 * 3. Whoever submitted is told exactly once what became of it.
 * 4. Operations are taken in the order of their versions, each once: what comes too early is asked for, what comes again
 *    is left.
 * 5. A snapshot that is ahead waits while it is open whether it has in it what is on its way.
 * 6. Data of another epoch is never merged: what waits is refused with `ERR_DOC_EPOCH`, and the document begun anew.
 *
 * The algorithm is that of "High-Latency, Low-Bandwidth Windowing in the Jupiter Collaboration System" (Nichols, Curtis,
 * Dixon, Lamping, 1995), with one operation on its way, as ShareJS made it usual.
 *
 * @module
 */

import type { CodedError } from "../../errors.ts";
import type { OtType } from "../../ot/mod.ts";
import type { Change, OpIdentity, PartialPosition } from "../change.ts";
import type { Behind } from "./base.ts";
import type { Live } from "./live.ts";
import type { PendingChange } from "./queue.ts";

/** A document as the server told it. */
export interface SnapshotNews extends PartialPosition {
  readonly live: Live;
  /** Whether the server says that what is known here is of another life of the document. */
  readonly isForeign?: boolean | undefined;
}

/** What the server said of what is on its way, where that cannot be done at once. */
export type Verdict =
  /** Committed at a version that is not reached yet. */
  | { readonly kind: "committed"; readonly at: PartialPosition; readonly fixups: readonly Change[] }
  /** It has become nothing; what made it so is still to be read. */
  | { readonly kind: "empty" }
  /** Not committed: it must be led past what only a whole snapshot tells. */
  | { readonly kind: "trimmed" };

/** A document of a client. Nobody changes one in place. */
export interface DocState {
  /** What the server has at `version`, but for what is `behind`. */
  readonly base: Live;
  /** The last committed edits, if they are not in the base yet. */
  readonly behind: Behind | undefined;
  /** How many operations made the base; `undefined` as long as the server has told nothing. */
  readonly version: number | undefined;
  /** The life that the version counts in, if the server tells it. */
  readonly epoch: string | undefined;
  /** The tag of the operation before the version, if the server tells it. */
  readonly tag: string | undefined;
  /** What the user sees. */
  readonly live: Live;
  /** One's own changes that are not committed. */
  readonly queue: readonly PendingChange[];
  readonly isOnline: boolean;
  readonly isPaused: boolean;
  /** Whether the server asked to be left alone for a while. */
  readonly isWaiting: boolean;
  /** The highest version that was heard of. */
  readonly heard: number;
  /** Where the version was when the last reading was asked for. */
  readonly readFrom: number | undefined;
  readonly verdict: Verdict | undefined;
  /** A snapshot that waits until what is on its way is answered. */
  readonly stash: SnapshotNews | undefined;
}

/** What is the same for all documents of a connection. */
export interface DocContext {
  readonly types: readonly OtType[];
  /** Whether nothing goes out before it is stored. */
  readonly isStored: boolean;
}

/** What happens to a document. */
export type DocEvent =
  /** The user changes it. */
  | {
    readonly kind: "submit";
    readonly change: Change;
    readonly ticket: number;
    readonly isComposable: boolean;
    readonly origin?: unknown;
  }
  /** What waits may go, under this identity if it has none. */
  | { readonly kind: "flush"; readonly identity: OpIdentity | undefined }
  /** What was to be stored is. */
  | { readonly kind: "stored"; readonly identity: OpIdentity | undefined }
  | { readonly kind: "online" | "offline" | "pause" | "resume" | "retry" }
  /** Somebody's operation was committed. */
  | DocOperation
  /** Several were, and nobody wants to hear of each. */
  | { readonly kind: "ops"; readonly ops: readonly DocOperation[] }
  /** One's own was. */
  | {
    readonly kind: "ack";
    /** The version that it was applied to, and the tag that it has. */
    readonly at: PartialPosition;
    readonly identity: OpIdentity;
    readonly fixups: readonly Change[];
  }
  /** One's own was refused. */
  | { readonly kind: "refused"; readonly error: CodedError; readonly sequence?: number | undefined }
  /** The whole of it came. */
  | { readonly kind: "snapshot"; readonly snapshot: SnapshotNews }
  /** All operations up to now came. */
  | { readonly kind: "caughtUp" }
  /** The server is at this version. */
  | { readonly kind: "head"; readonly at: PartialPosition }
  /** What an earlier process left was found. */
  | { readonly kind: "restored"; readonly state: DocState };

/** Somebody's operation was committed. */
export interface DocOperation {
  readonly kind: "op";
  /** The version that it applies to, and its own tag. */
  readonly at: PartialPosition;
  readonly identity: OpIdentity;
  readonly change: Change;
}

/** What is to be done. */
export type DocEffect =
  /** Send the first of the queue. */
  | { readonly kind: "send"; readonly own: PendingChange }
  /** Ask for the operations after the version, or for the whole document. */
  | { readonly kind: "read"; readonly isWhole: boolean }
  /** Let what waits go, in a moment. */
  | { readonly kind: "flush" }
  /** Keep the queue and its base, if there is a storage. */
  | { readonly kind: "store" }
  /** Come again later. */
  | { readonly kind: "wait"; readonly attempt: number }
  /** Tell that the user sees something else. */
  | DocChanged
  /** Tell that the user sees another document, not by way of a change. */
  | { readonly kind: "loaded"; readonly before: Live }
  /** Tell who waits what became of it. */
  | { readonly kind: "settled"; readonly tickets: readonly number[]; readonly error?: unknown };

/** What the user sees changed. */
export interface DocChanged {
  readonly kind: "changed";
  readonly change: Change;
  readonly before: Live;
  readonly after: Live;
  readonly isLocal: boolean;
  /** Whose it is, if it is somebody else's. */
  readonly source?: string | undefined;
  /** What the user gave along. */
  readonly origin?: unknown;
}

/** What came of an event. */
export interface DocStep {
  readonly state: DocState;
  readonly effects: readonly DocEffect[];
}

/** A document of which nothing is known. */
export function emptyDoc(isOnline: boolean): DocState {
  return isOnline ? EMPTY_ONLINE : EMPTY;
}

/** One for all documents of which nothing is known: nobody changes it. */
const EMPTY: DocState = {
  base: undefined,
  behind: undefined,
  version: undefined,
  epoch: undefined,
  tag: undefined,
  live: undefined,
  queue: [],
  isOnline: false,
  isPaused: false,
  isWaiting: false,
  heard: 0,
  readFrom: undefined,
  verdict: undefined,
  stash: undefined,
};
const EMPTY_ONLINE: DocState = { ...EMPTY, isOnline: true };
