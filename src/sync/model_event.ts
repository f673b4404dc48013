/**
 * A change of a model as it goes to connections: made into text once, for all of them.
 *
 * @module
 */

import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import type { Change, ModelTypes } from "../models/mod.ts";

/** A change of one record. */
export interface ModelEvent {
  /** The model's name on the wire. */
  readonly model: string;
  /** The record, for telling changes of one from those of another. */
  readonly record: string;
  /** The place in the journal. */
  readonly seq: number;
  /** Where to go on after it. */
  readonly cursor: string;
  /** The version that was written. */
  readonly version: string;
  /** The message to those who see the record. */
  readonly text: string;
  /** The message to those who no longer do; `text` itself for a deletion. */
  readonly goneText: string;
  /** The record's scopes before; `undefined` if it was not there. */
  readonly before: JsonObject | undefined;
  /** The record's scopes from now on; `undefined` if it is gone. */
  readonly after: JsonObject | undefined;
}

/** Whether somebody sees a record with these scopes. */
export type Sight = (scopes: JsonObject) => boolean;

type ModelChange = Exclude<Change<ModelTypes>, { readonly kind: "reset" }>;

/** The event of a change; `undefined` for one that no connection hears of: a change of a set. */
export function modelEvent(model: string, change: ModelChange): ModelEvent | undefined {
  const { kind, id, index: seq, cursor } = change;
  if (kind === "members") return undefined;
  const version = kind === "delete" ? `${seq}-${cursor.split(".").at(-1)}` : change.record.$version;
  const gone = JSON.stringify({
    event: `${model}:delete`,
    data: { id },
    seq,
    cursor,
    v: version,
  });
  const text = kind === "delete" ? gone : JSON.stringify({
    event: `${model}:upsert`,
    data: change.record,
    seq,
    cursor,
    v: version,
  });
  return {
    model,
    record: `${typeof id}:${id}`,
    seq,
    cursor,
    version,
    text,
    goneText: gone,
    before: scopes(change.before),
    after: scopes(change.after),
  };
}

/** What somebody who does not see everything is told of an event; `undefined` for nothing. */
export function seenText(event: ModelEvent, sees: Sight): string | undefined {
  if (event.after !== undefined && sees(event.after)) return event.text;
  return event.before !== undefined && sees(event.before) ? event.goneText : undefined;
}

/** A message with the name of the write that caused it. */
export function withTx(text: string, tx: string): string {
  return `${text.slice(0, -1)},"tx":${JSON.stringify(tx)}}`;
}

/** A record's scopes, as its journal has them: of the declared fields those that are there. */
export function scopesOf(record: object, names: readonly string[]): JsonObject {
  const entries = names.map((name): [string, Json | undefined] => [
    name,
    Object.hasOwn(record, name) ? Reflect.get(record, name) : undefined,
  ]);
  return Object.fromEntries(
    entries.filter((entry): entry is [string, Json] => entry[1] !== undefined),
  );
}

function scopes(value: object | undefined): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined;
}
