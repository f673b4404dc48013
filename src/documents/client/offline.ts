/**
 * What a document leaves in a storage, so that changes that were not committed survive the process: its queue, and the
 * base that the queue was made on.
 *
 * @module
 */

import { HoldfastError } from "../../errors.ts";
import { isJsonObject, type Json, parseJson } from "../../json.ts";
import { findType, type OtType } from "../../ot/mod.ts";
import type { Change, OpIdentity } from "../change.ts";
import { baseOf } from "./base.ts";
import { type DocState, emptyDoc } from "./doc_state.ts";
import { deserialized, type Live, serialized } from "./live.ts";
import { folded, type PendingChange } from "./queue.ts";

/** A document's state with its queue as text; `undefined` if nothing waits. */
export function leftBy(state: DocState): string | undefined {
  const { version, epoch, tag, queue } = state;
  if (queue.length === 0) return undefined;
  const base = baseOf(state);
  return JSON.stringify({
    form: 1,
    version,
    epoch,
    tag,
    ...(base && { type: base.type.uri, data: serialized(base) }),
    queue: queue.filter(({ isGone }) => !isGone).map(({ change, identity }) => ({
      change,
      ...identity,
    })),
  });
}

/**
 * The state that a text tells.
 *
 * @throws {HoldfastError} `ERR_MALFORMED` if it is none, `ERR_UNKNOWN_TYPE`, and what the type throws.
 */
export function restoredFrom(types: readonly OtType[], text: string): DocState {
  const left = parseJson(text, "what the storage has of a document");
  if (!isJsonObject(left) || left.form !== 1 || !Array.isArray(left.queue)) throw malformed();
  const { version, epoch, tag, type, data } = left;
  const base: Live = typeof type === "string" ? based(findType(types, type), data) : undefined;
  const queue = left.queue.map(pendingFrom);
  return {
    ...emptyDoc(false),
    base,
    version: typeof version === "number" ? version : undefined,
    epoch: typeof epoch === "string" ? epoch : undefined,
    tag: typeof tag === "string" ? tag : undefined,
    queue,
    live: folded(types, base, queue),
  };
}

function based(type: OtType, data: Json | undefined): Live {
  return { type, data: deserialized(type, data) };
}

function pendingFrom(value: Json): PendingChange {
  const { change, source, sequence } = isJsonObject(value) ? value : {};
  if (!isChange(change)) throw malformed();
  const identity: OpIdentity | undefined =
    typeof source === "string" && typeof sequence === "number" ? { source, sequence } : undefined;
  const phase = identity === undefined ? "waiting" : "ready";
  return { change, phase, tickets: undefined, identity, isComposable: true, attempts: 0 };
}

function isChange(value: unknown): value is Change {
  return isJsonObject(value) && typeof value.kind === "string" &&
    ["op", "create", "del", "none"].includes(value.kind);
}

function malformed(): HoldfastError {
  return new HoldfastError(
    "ERR_MALFORMED",
    "Cannot read what the storage has of a document as it must be of a form that is known here",
  );
}
