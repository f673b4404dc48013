/**
 * A projection at work: what was read, heard and submitted, as it is seen through it.
 *
 * @module
 */

import { HoldfastError } from "../errors.ts";
import type { Op } from "./change.ts";
import type {
  FollowEvent,
  ReadResult,
  Snapshot,
  Submission,
  SubmitHooks,
  SubmitResult,
} from "./core.ts";
import {
  checkProjectable,
  checkProjected,
  projectedEdit,
  projectedOp,
  projectedSnapshot,
  type Projection,
} from "./projection.ts";

/** A collection as a projection shows it. */
export class ProjectionView {
  readonly #name: string;
  readonly #projection: Projection;
  /** Each operation is one object for all who hear of it, and so is what is shown of it. */
  readonly #ops = new WeakMap<Op, Op>();

  /** A projection by its name. */
  constructor(name: string, projection: Projection) {
    this.#name = name;
    this.#projection = projection;
  }

  /** The collection. */
  get of(): string {
    return this.#projection.of;
  }

  /** A document. @throws {HoldfastError} `ERR_NOT_SUPPORTED` for one that is not of JSON. */
  snapshot(snapshot: Snapshot): Snapshot {
    return projectedSnapshot(this.#projection, this.#name, snapshot);
  }

  /** What the journal tells. */
  event(event: FollowEvent): FollowEvent {
    return event.kind === "ops" ? { ...event, ops: this.#shown(event.ops) } : event;
  }

  /** What was read. */
  read(result: ReadResult): ReadResult {
    switch (result.kind) {
      case "ops":
        return { ...result, ops: this.#shown(result.ops) };
      case "snapshot":
        try {
          return { ...result, snapshot: this.snapshot(result.snapshot) };
        } catch (error) {
          // Another type than JSON.
          if (!HoldfastError.is(error)) throw error;
          return { kind: "refused", error };
        }
      case "refused":
        return result;
    }
  }

  /** What is refused before anybody looks at the document. */
  refusal({ change }: Submission): SubmitResult | undefined {
    try {
      checkProjected(this.#projection, change);
      return undefined;
    } catch (error) {
      if (!HoldfastError.is(error)) throw error;
      return { kind: "refused", error, missed: [] };
    }
  }

  /** A submission to the collection; an operation of another type than JSON keeps to no fields. */
  submission(submission: Submission): Submission {
    if (submission.change.kind !== "op") return submission;
    const { hooks } = submission;
    const apply: SubmitHooks["apply"] = (lap) => {
      checkProjectable(lap.before.type);
      return hooks?.apply?.(lap);
    };
    return { ...submission, hooks: { ...hooks, apply } };
  }

  /** What came of it. */
  submitted(result: SubmitResult): SubmitResult {
    const missed = result.missed && this.#shown(result.missed);
    if (result.kind === "refused") return { ...result, missed: missed ?? [] };
    const fixup = result.fixup === undefined
      ? undefined
      : projectedEdit(this.#projection, result.fixup);
    if (result.kind === "duplicate") return { ...result, missed, fixup };
    return { ...result, op: this.#one(result.op), missed: missed ?? [], fixup };
  }

  #shown(ops: readonly Op[]): readonly Op[] {
    return ops.map((op) => this.#one(op));
  }

  #one(op: Op): Op {
    const known = this.#ops.get(op);
    if (known !== undefined) return known;
    const shown = projectedOp(this.#projection, op);
    this.#ops.set(op, shown);
    return shown;
  }
}
