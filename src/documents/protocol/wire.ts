/**
 * What the core says as messages, and what a message asks of the core.
 *
 * @module
 */

import { HoldfastError } from "../../errors.ts";
import type { Json } from "../../json.ts";
import type { Change, Op, PartialPosition } from "../change.ts";
import type { Snapshot } from "../core.ts";
import type { WireChange, WireError, WireMark, WireSnapshot } from "./messages.ts";
import type { OpMessage } from "./replies.ts";
import type { SubmitRequest } from "./requests.ts";

/** A snapshot on its way to a client; `defaultType` is the type that goes without saying. */
export function snapshotOnWire(
  snapshot: Snapshot,
  defaultType: string,
  reason?: WireSnapshot["k"],
): WireSnapshot {
  const { version, type, data, epoch, tag } = snapshot;
  return {
    v: version,
    ...(data === undefined ? {} : { data }),
    ...(type === defaultType ? {} : { type: type ?? null }),
    ...(reason === undefined ? {} : { k: reason }),
    ...markOnWire(epoch, tag),
  };
}

/** An operation as everybody but its author gets it. */
export function opOnWire(collection: string, id: string, epoch: string, op: Op): OpMessage {
  return {
    a: "op",
    c: collection,
    d: id,
    v: op.version,
    src: op.source,
    seq: op.sequence,
    ...changeOnWire(op),
    ...markOnWire(epoch, op.tag),
  };
}

/** Epoch and tag, as far as they are known. */
export function markOnWire(epoch: string | undefined, tag: string | undefined): WireMark {
  if (epoch && tag) return { e: epoch, g: tag };
  return { ...(epoch ? { e: epoch } : {}), ...(tag ? { g: tag } : {}) };
}

function changeOnWire(change: Change): WireChange {
  switch (change.kind) {
    case "op":
      return { op: change.op };
    case "create": {
      const { type, data } = change;
      return { create: { type, ...(data === undefined ? {} : { data }) } };
    }
    case "del":
      return { del: true };
    case "none":
      return {};
  }
}

/**
 * What a submitted message wants done.
 *
 * @throws {HoldfastError} `ERR_OP_MALFORMED` unless it is exactly one of `op`, `create` and `del`.
 */
export function changeOfRequest(message: SubmitRequest): Change {
  const edits = has(message, "op");
  const creates = has(message, "create");
  const deletes = has(message, "del");
  if (edits && !creates && !deletes) return { kind: "op", op: message.op ?? null };
  const { create } = message;
  if (creates && !edits && !deletes && isCreate(create)) {
    return { kind: "create", type: create.type, data: create.data };
  }
  if (deletes && !edits && !creates && message.del === true) return { kind: "del" };
  throw new HoldfastError(
    "ERR_OP_MALFORMED",
    "Cannot submit the operation as it must be exactly one of op, create (with a type) and del (true)",
  );
}

function has(message: SubmitRequest, field: "op" | "create" | "del"): boolean {
  return Object.hasOwn(message, field) && message[field] !== undefined;
}

function isCreate(value: unknown): value is { readonly type: string; readonly data?: Json } {
  return typeof value === "object" && value !== null && Object.hasOwn(value, "type") &&
    typeof (value as { readonly type: unknown }).type === "string";
}

/** What a client says that it has; `undefined` if it says nothing. */
export function baseOf(
  version: number | null | undefined,
  epoch: string | undefined,
  tag: string | undefined,
): PartialPosition | undefined {
  if (version === null || version === undefined) return undefined;
  if (epoch && tag) return { version, epoch, tag };
  return { version, ...(epoch ? { epoch } : {}), ...(tag ? { tag } : {}) };
}

/** Whether an error is the server's: no code of ours, a store that does not serve, data that is broken, a defect. */
export function isFault(error: unknown): boolean {
  return !HoldfastError.is(error) || FAULTS.includes(error.code);
}

const FAULTS: readonly string[] = [
  "ERR_DOC_CORRUPT",
  "ERR_INVARIANT",
  "ERR_OUTCOME_UNKNOWN",
  "ERR_STORE_REGRESSED",
  "ERR_TIMEOUT",
  "ERR_UNAVAILABLE",
];

/**
 * An error as it is told to a client: ours by code and message, which hold nothing that is not theirs to know; a rule's
 * own words (`refusal.ts` made it `ERR_FORBIDDEN`) with the code that the rule gave it; of anything else, nothing.
 */
export function wireError(error: unknown): WireError {
  if (!HoldfastError.is(error)) {
    return { code: "ERR_INVARIANT", message: "Cannot answer the request as the server failed" };
  }
  const { code, message, cause } = error;
  const given = (cause as { readonly code?: unknown } | undefined)?.code;
  return { code: code === "ERR_FORBIDDEN" && typeof given === "string" ? given : code, message };
}
