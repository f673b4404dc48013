/**
 * Backbone's calls of a model: read, create, update, patch, delete.
 *
 * @module
 */

import { ArgumentError, shown } from "../errors.ts";
import type { RecordOf } from "../models/mod.ts";
import { attributesOf, fieldsOf, jsonOf, own, withLaterChanges } from "./attributes.ts";
import type { Attributes, BackboneModel, SyncOptions } from "./backbone.ts";
import { changeMembers, readContents } from "./members.ts";
import { inTurn, type ModelState, type Seen } from "./model_states.ts";
import { changesOf, type Contents, contentsOf, setNames, SETS, setsAttribute } from "./sets.ts";
import { notFound } from "./store_error.ts";
import { type AttributesModel, type AttributeTypes, modelOf } from "./stores.ts";

/** A call as it was made, before its turn. */
interface Call {
  readonly model: AttributesModel;
  readonly target: BackboneModel;
  readonly state: ModelState;
  readonly sets: readonly string[];
  readonly id: string | number;
  readonly options: SyncOptions;
}

/** What a call saves. */
interface Draft {
  readonly method: "create" | "update" | "patch";
  /** The attributes at the time of the call, to tell what was changed since. */
  readonly before: Attributes;
  /** What is to be saved. */
  readonly json: Attributes;
  /** Whether an earlier creation of the same model had not been told yet. */
  readonly isAgain: boolean;
}

/** Serves one call. What is saved is taken at once, as Backbone only lends it; the rest waits for its turn. */
export function serveModel(
  method: string,
  target: BackboneModel,
  state: ModelState,
  options: SyncOptions,
): Promise<Attributes> {
  const sets = setNames(target);
  // Not `target.id`: a save that waits has an id that is given with it only among its attributes. A value that is no
  // id is refused by the model.
  const id = own(target.attributes, target.idAttribute) as string | number;
  const call = { model: modelOf(state.store, sets), target, state, sets, id, options };
  switch (method) {
    case "read":
      return inTurn(state, () => read(call));
    case "delete":
      return inTurn(state, () => remove(call));
    case "create":
    case "update":
    case "patch": {
      const draft = draftOf(call, method);
      return inTurn(state, () => save(call, draft));
    }
    default:
      throw unknownMethod(method);
  }
}

/** The error of a method that Backbone does not have. */
export function unknownMethod(method: string): ArgumentError {
  return new ArgumentError(
    "ERR_INVALID_ARGUMENT",
    `Cannot serve a method that Backbone.sync does not have: current value is ${shown(method)}`,
  );
}

/** What was seen of a record. */
export function seenOf(
  record: RecordOf<AttributeTypes>,
  contents: Contents,
  sets: readonly string[],
): Seen {
  return { record, contents, text: sets.length === 0 ? "" : textOf(record) };
}

/** The attributes that Backbone gets of a record. */
export function answerOf({ record, contents }: Seen, idAttribute: string): Attributes {
  const attributes = attributesOf(record, idAttribute);
  return contents.size === 0 ? attributes : { ...attributes, [SETS]: setsAttribute(contents) };
}

async function read({ model, target, state, sets, id, options }: Call): Promise<Attributes> {
  const record = await model.get(id, options);
  if (record === undefined) {
    state.seen = undefined;
    throw notFound();
  }
  state.seen = seenOf(record, await readContents(model, record.id, sets, options), sets);
  return answerOf(state.seen, target.idAttribute);
}

async function remove({ model, state, id, options: { token, signal } }: Call): Promise<Attributes> {
  await model.delete(id, { token, signal });
  state.seen = "deleted";
  return {};
}

function draftOf({ target, state, options }: Call, method: Draft["method"]): Draft {
  const json = jsonOf(options.attrs ?? target.toJSON(options));
  const isAgain = state.isCreating;
  if (method === "create") state.isCreating = true;
  return { method, before: { ...target.attributes }, json, isAgain };
}

async function save(call: Call, draft: Draft): Promise<Attributes> {
  const { target, state, sets, options } = call;
  const { [target.idAttribute]: _id, [SETS]: attribute, ...rest } = draft.json;
  const hasSets = sets.length > 0 && attribute !== undefined;
  const fields = fieldsOf(hasSets ? rest : draft.json, target.idAttribute);
  const wanted = hasSets ? contentsOf(attribute, sets) : new Map();
  await saveRecord(call, draft, fields, wanted);
  const seen = await saveMembers(call, wanted);
  state.isCreating = false;
  const answer = answerOf(seen, target.idAttribute);
  if (options.wait === true) return answer;
  const present = () => jsonOf(target.toJSON(options));
  return withLaterChanges(answer, draft.before, target.attributes, present);
}

/** Writes the record, unless only its sets have changed. Afterwards the state has seen it. */
async function saveRecord(
  call: Call,
  draft: Draft,
  fields: Attributes,
  wanted: Contents,
): Promise<void> {
  const { state, sets } = call;
  const seen = seenBy(call, draft);
  if (seen !== undefined && hasOnlySets(draft, seen, fields, wanted)) return;
  if (draft.method === "create") state.seen = seen;
  try {
    const record = await writeRecord(call, draft, fields, seen);
    state.seen = seenOf(record, seen?.contents ?? new Map(), sets);
  } catch (error) {
    // Whatever it is, its caller is told; the model is as new as before.
    state.isCreating = false;
    throw error;
  }
}

/** The record that a save builds on. */
function seenBy({ state, id }: Call, { method, isAgain }: Draft): Seen | undefined {
  const { seen } = state;
  if (method === "create") return isAgain && seen !== "deleted" ? seen : undefined;
  if (seen === "deleted") throw notFound();
  return seen !== undefined && String(seen.record.id) === String(id) ? seen : undefined;
}

async function writeRecord(
  { model, id, options: { token, signal } }: Call,
  { method }: Draft,
  fields: Attributes,
  seen: Seen | undefined,
): Promise<RecordOf<AttributeTypes>> {
  const options = { token, signal };
  if (method === "patch") return await model.patch(id, fields, options);
  if (seen !== undefined) {
    const { id: known, $version: version } = seen.record;
    return await model.replace(known, fields, { ...options, version });
  }
  if (method === "create") return await model.create(fields, options);
  return await model.upsert({ ...fields, id }, options);
}

function hasOnlySets({ method }: Draft, seen: Seen, fields: Attributes, wanted: Contents): boolean {
  const isSame = method === "patch"
    ? Object.keys(fields).length === 0
    : JSON.stringify(fields) === seen.text;
  return isSame && changesOf(seen.contents, wanted).length > 0;
}

/** Writes what has changed of the sets, and keeps account of what is written. */
async function saveMembers({ model, state, options }: Call, wanted: Contents): Promise<Seen> {
  // The record was seen or written right before.
  let seen = state.seen as Seen;
  const { signal } = options;
  for (const change of changesOf(seen.contents, wanted)) {
    await changeMembers(model, seen.record.id, change, { signal });
    const contents = new Map(seen.contents).set(change.set, wanted.get(change.set) ?? []);
    seen = state.seen = { ...seen, contents };
  }
  return seen;
}

function textOf(record: RecordOf<AttributeTypes>): string {
  return JSON.stringify(fieldsOf(attributesOf(record, "id"), "id"));
}
