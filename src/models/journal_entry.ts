/**
 * An entry of a model's journal: JSON text that a store puts together from texts, and a reader takes apart.
 *
 * @module
 */

import { HoldfastError } from "../errors.ts";
import { isJsonObject, type Json, type JsonObject, parseJson } from "../json.ts";

/** What was written. */
export interface ModelEntry {
  /**
   * Whether the record was created, written again or removed, or one of its sets changed; `"none"` for a commit that
   * changed nothing and stands in the journal only so that its token is known.
   */
  readonly kind: "create" | "update" | "delete" | "members" | "none";
  /** The record. */
  readonly id: string;
  /** The record's scopes before; `undefined` if it was not there. */
  readonly before: JsonObject | undefined;
  /** The record's scopes from now on; `undefined` if it is gone. */
  readonly after: JsonObject | undefined;
  /** The record's fields, after a creation or an update. */
  readonly body: JsonObject | undefined;
  /** The number of the shape that the body has. */
  readonly shape: number;
  /** When the record expires, in milliseconds since 1970 by the store's clock. */
  readonly expiresAtMs: number | undefined;
  /** Whether it was removed because its time had come. */
  readonly isExpiry: boolean;
  /** Which set changed. */
  readonly set: string | undefined;
  /** Members that came, as `index_keys.ts` writes them. */
  readonly added: readonly string[];
  /** Members that went. */
  readonly removed: readonly string[];
}

/** The entry of a commit that changed nothing. */
export const NONE_ENTRY = `{"kind":"none"}`;

/** The parts of an entry that every kind has; the scopes as JSON text, `"null"` for none. */
export interface EntryParts {
  /** What happened. */
  readonly kind: Exclude<ModelEntry["kind"], "none">;
  /** The record. */
  readonly id: string;
  /** The scopes before. */
  readonly before: string;
  /** The scopes from now on. */
  readonly after: string;
  /** What the kind has besides, as JSON text of properties that begins with a comma; `""` for nothing. */
  readonly rest: string;
}

/** An entry as text. A store that cannot call this builds the same text. */
export function entryText({ kind, id, before, after, rest }: EntryParts): string {
  return `{"kind":"${kind}","id":${JSON.stringify(id)},"before":${before},"after":${after}${rest}}`;
}

/**
 * The entry of a text.
 *
 * @throws {HoldfastError} `ERR_MALFORMED` if it is none.
 */
export function parseEntry(text: string): ModelEntry {
  const value = parseJson(text, "an entry of a model's journal");
  if (!isJsonObject(value) || !isKind(value.kind)) {
    throw new HoldfastError("ERR_MALFORMED", "Cannot read an entry of a model's journal");
  }
  const { kind, id, before, after, body, shape, expires, expired, set, added, removed } = value;
  return {
    kind,
    id: typeof id === "string" ? id : "",
    before: objectOf(before),
    after: objectOf(after),
    body: objectOf(body),
    shape: typeof shape === "number" ? shape : 1,
    expiresAtMs: typeof expires === "number" ? expires : undefined,
    isExpiry: expired === true,
    set: typeof set === "string" ? set : undefined,
    added: textsOf(added),
    removed: textsOf(removed),
  };
}

function isKind(kind: Json | undefined): kind is ModelEntry["kind"] {
  return kind === "none" || kind === "create" || kind === "update" || kind === "delete" ||
    kind === "members";
}

function objectOf(value: Json | undefined): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined;
}

function textsOf(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((part) => typeof part === "string") : [];
}
