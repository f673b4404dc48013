/**
 * Undo and redo of one's own edits of a document, whatever others do meanwhile.
 *
 * @module
 */

import { type Clock, systemClock } from "../../clock.ts";
import { type Duration, durationMs } from "../../duration.ts";
import { checkOptions, LimitError, shown } from "../../errors.ts";
import type { OtType } from "../../ot/mod.ts";
import type { Doc, DocOpEvent } from "./face.ts";
import { inverseOf } from "./live.ts";
import { afterDone, afterOther, closed, NOTHING_DONE } from "./undo_state.ts";
import type { UndoCause, UndoItem, UndoState } from "./undo_state.ts";

/** How edits are undone. */
export interface UndoOptions {
  /** Edits that follow each other within this time are undone together; 1 s by default. 0 for each apart. */
  readonly interval?: Duration;
  /** How many steps can be undone, 100 by default; older ones are forgotten. */
  readonly stepsMax?: number;
  /** Whether an edit of one's own can be undone, told by what it was given along; every one by default. */
  readonly tracks?: (origin: unknown) => boolean;
  /** Where the time is read. */
  readonly clock?: Clock;
}

/** Undo and redo of one document. */
export interface Undo {
  /** Whether there is something to undo. */
  readonly canUndo: boolean;
  /** Whether there is something to redo. */
  readonly canRedo: boolean;
  /** Takes back the last step. Resolves when that is committed; with false, at once, if there is none. */
  undo(): Promise<boolean>;
  /** Does again what was undone last. Resolves like {@linkcode Undo.undo}. */
  redo(): Promise<boolean>;
  /** Ends a step: what comes next is undone apart from what was, however soon it comes. */
  split(): void;
  /** Forgets all steps, and listens to the document no more. */
  stop(): void;
}

const STEPS_MAX = 100;

/**
 * Undo and redo of the edits that are made from now on by this client. Every edit of others is led past, so that only
 * one's own are taken back. Where the type cannot invert an operation, there is nothing to undo.
 *
 * @example
 * ```ts
 * import { createUndo } from "@holdfast/holdfast/documents/client";
 * import { createDocuments } from "@holdfast/holdfast/documents";
 * import { memory } from "@holdfast/holdfast/memory";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * await using documents = createDocuments(memory());
 * await using connection = documents.connect();
 * const post = connection.get("posts", "1");
 * await post.create({ votes: 1 });
 * const history = createUndo(post);
 * await post.submit([{ p: ["votes"], na: 2 }]);
 * await history.undo();
 * deepStrictEqual(post.data, { votes: 1 });
 * ```
 *
 * @throws {ArgumentError | LimitError} `ERR_INVALID_OPTION` for an option that is none.
 */
export function createUndo(doc: Doc, options: UndoOptions = {}): Undo {
  checkOptions("undo", options, ["interval", "stepsMax", "tracks", "clock"]);
  const { stepsMax = STEPS_MAX } = options;
  if (Number.isSafeInteger(stepsMax) && stepsMax > 0) return new DocUndo(doc, options);
  throw new LimitError(
    "ERR_INVALID_OPTION",
    `Cannot undo as stepsMax must be a whole number from 1: current value is ${shown(stepsMax)}`,
  );
}

class DocUndo implements Undo {
  readonly #doc: Doc;
  readonly #tracks: (origin: unknown) => boolean;
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #stepsMax: number;
  readonly #ends: readonly (() => void)[];
  /** What undo and redo give along with what they submit, so that they know it again. */
  readonly #causes = { undo: {}, redo: {} };
  #state: UndoState = NOTHING_DONE;

  constructor(doc: Doc, options: UndoOptions) {
    const { interval = 1_000, stepsMax = STEPS_MAX, tracks = () => true } = options;
    this.#doc = doc;
    this.#tracks = tracks;
    this.#stepsMax = stepsMax;
    this.#intervalMs = durationMs(interval, "interval");
    this.#clock = options.clock ?? systemClock();
    const forget = (): void => {
      this.#state = NOTHING_DONE;
    };
    this.#ends = [
      doc.on("op", (event) => this.#happened(event)),
      doc.on("create", forget),
      doc.on("del", forget),
      doc.on("load", forget),
    ];
  }

  get canUndo(): boolean {
    return this.#state.undo.length > 0;
  }

  get canRedo(): boolean {
    return this.#state.redo.length > 0;
  }

  undo(): Promise<boolean> {
    return this.#takeBack("undo");
  }

  redo(): Promise<boolean> {
    return this.#takeBack("redo");
  }

  split(): void {
    this.#state = closed(this.#state);
  }

  stop(): void {
    this.#state = NOTHING_DONE;
    for (const end of this.#ends) end();
  }

  async #takeBack(cause: "undo" | "redo"): Promise<boolean> {
    const item: UndoItem | undefined = this.#state[cause][this.#state[cause].length - 1];
    if (item === undefined) return false;
    this.#state = { ...this.#state, [cause]: this.#state[cause].slice(0, -1) };
    await this.#doc.submit(item.op, { origin: this.#causes[cause] });
    return true;
  }

  #happened(event: DocOpEvent): void {
    const { type } = this.#doc;
    if (type === undefined) return;
    try {
      this.#state = this.#after(type, event);
    } catch {
      // A type refuses to lead operations past each other: what was done before can no longer be told.
      this.#state = NOTHING_DONE;
    }
  }

  #after(type: OtType, { op, before, isLocal, origin }: DocOpEvent): UndoState {
    const cause = this.#causeOf(isLocal, origin);
    const inverse = cause && inverseOf([], { type, data: before }, { kind: "op", op });
    if (cause === undefined || inverse?.kind !== "op") {
      return afterOther(type, this.#state, op);
    }
    return afterDone(type, this.#state, {
      inverse: inverse.op,
      cause,
      nowMs: this.#clock.monotonic(),
      intervalMs: this.#intervalMs,
      stepsMax: this.#stepsMax,
    });
  }

  #causeOf(isLocal: boolean, origin: unknown): UndoCause | undefined {
    if (origin === this.#causes.undo) return "undo";
    if (origin === this.#causes.redo) return "redo";
    return isLocal && this.#tracks(origin) ? "edit" : undefined;
  }
}
