/**
 * The face's writes of records.
 *
 * @module
 */

import { randomTag } from "../random.ts";
import { attempt, made, make, type Outcome, outcomes, visible } from "./commit.ts";
import type { BatchWriter } from "./batch_face.ts";
import type { ModelContext } from "./context.ts";
import { ConflictError, notFound } from "./model_errors.ts";
import {
  preparedCreate,
  preparedDelete,
  preparedReplace,
  preparedUpdate,
  preparedUpsert,
  storedBy,
} from "./intents.ts";
import { type Prepared, prepareDelete, rewrite } from "./prepare.ts";
import { recordOf, storedFields } from "./record.ts";
import { idText, ruleOfClaim } from "./record_keys.ts";
import type { CreateOf, ModelTypes, RecordOf } from "./record_types.ts";
import type {
  CallOptions,
  PatchOptions,
  PutOptions,
  ReplaceOptions,
  WriteOptions,
} from "./write_options.ts";

/** How many attempts a patch has unless its caller says otherwise. */
export const PATCH_ATTEMPTS_MAX = 100;

/** How many records one step of a sweep retires. */
const SWEEP_STEP = 100;

/** What no record has for its version. */
const NO_VERSION = "";

/** Creates a record. */
export function create<T extends ModelTypes>(
  context: ModelContext<T>,
  input: CreateOf<T>,
  options: PutOptions = {},
): Promise<RecordOf<T>> {
  return one(context, options, () => preparedCreate(context, input, options));
}

/** Changes fields of a record in hand. */
export function update<T extends ModelTypes>(
  context: ModelContext<T>,
  record: RecordOf<T>,
  changes: Partial<T["input"]>,
  options: PutOptions = {},
): Promise<RecordOf<T>> {
  return one(context, options, () => preparedUpdate(context, record, changes, options));
}

/** Gives a record other fields. */
export function replace<T extends ModelTypes>(
  context: ModelContext<T>,
  id: T["id"],
  input: T["input"],
  options: ReplaceOptions = {},
): Promise<RecordOf<T>> {
  return one(context, options, () => preparedReplace(context, id, input, options));
}

/** Creates or replaces a record. */
export function upsert<T extends ModelTypes>(
  context: ModelContext<T>,
  input: CreateOf<T>,
  options: PutOptions = {},
): Promise<RecordOf<T>> {
  return one(context, options, () => preparedUpsert(context, input, options));
}

/** Reads a record and changes it, again if somebody wrote in between. */
export async function patch<T extends ModelTypes>(
  context: ModelContext<T>,
  id: T["id"],
  change: Partial<T["input"]> | ((record: RecordOf<T>) => Partial<T["input"]>),
  options: PatchOptions = {},
): Promise<RecordOf<T>> {
  const { attemptsMax = PATCH_ATTEMPTS_MAX, ttl, version } = options;
  const given = ["patch", id, version, typeof change === "function" ? undefined : change];
  let stored = await storedBy(context, id, options);
  for (let tries = 1;; tries++) {
    const record = visible(context, stored);
    if (record === undefined) throw notFound("patch a record");
    const changes = typeof change === "function" ? change(record) : change;
    // Of another version than the wanted: only a write that was made before can still succeed, by its token.
    const isOther = version !== undefined && record.$version !== version;
    const base = isOther ? { ...record, $version: NO_VERSION } : record;
    const prepared = { ...await preparedUpdate(context, base, changes, { ttl }), given };
    const result = await attempt(context, [prepared], attemptOptions(options, tries));
    if (result.kind !== "conflict") {
      made(context, [prepared], result);
      return await told(context, prepared, result);
    }
    // The conflict brings what is there now, so an attempt costs one request.
    stored = result.current;
    const isLate = version !== undefined && stored?.version !== version;
    if (isLate || tries >= attemptsMax) {
      throw new ConflictError("patch a record", visible(context, stored));
    }
  }
}

/** Removes a record, or hides it where deletion is soft. */
export async function remove<T extends ModelTypes>(
  context: ModelContext<T>,
  target: RecordOf<T> | T["id"],
  options: WriteOptions = {},
): Promise<boolean> {
  const prepared = await preparedDelete(context, target, options);
  if (prepared === undefined) return false;
  return await removed(context, prepared, options);
}

/** Removes a record for good. */
export async function purge<T extends ModelTypes>(
  context: ModelContext<T>,
  id: T["id"],
  options: WriteOptions = {},
): Promise<boolean> {
  const prepared = await prepareDelete(context, idText(context.plan, id), undefined);
  return await removed(context, prepared, options);
}

/** Brings back a record that is hidden. */
export async function restore<T extends ModelTypes>(
  context: ModelContext<T>,
  id: T["id"],
  options: WriteOptions = {},
): Promise<RecordOf<T>> {
  const action = "restore a record";
  const stored = await storedBy(context, id, options);
  if (stored === undefined) throw notFound(action);
  if (!stored.isHidden) return recordOf(context.definition, stored);
  const write = rewrite(context, stored, false);
  const fields = storedFields(context.definition, stored);
  const given = ["restore", id];
  return await one(context, options, () => ({ write, action, kind: "create", fields, given }));
}

/** Creates a record, or gives the one that has its value of a unique field. */
export async function getOrCreateByUnique<T extends ModelTypes>(
  context: ModelContext<T>,
  unique: string | readonly string[],
  input: CreateOf<T>,
  options: PutOptions = {},
): Promise<{ readonly record: RecordOf<T>; readonly isCreated: boolean }> {
  const name = typeof unique === "string" ? unique : unique.join("+");
  const prepared = await preparedCreate(context, input, options);
  const result = await attempt(context, [prepared], options);
  if (result.kind === "taken" && result.owner !== undefined) {
    const rule = ruleOfClaim(context.plan, prepared.fields ?? {}, result.claim);
    if (rule?.name === name) {
      return { record: recordOf(context.definition, result.owner), isCreated: false };
    }
  }
  made(context, [prepared], result);
  return { record: await told(context, prepared, result), isCreated: true };
}

/** Retires what has expired. */
export async function sweep<T extends ModelTypes>(
  context: ModelContext<T>,
  { signal = context.signal }: CallOptions = {},
): Promise<number> {
  for (let retired = 0;;) {
    const options = { limit: SWEEP_STEP, tag: randomTag(context.random), signal };
    const swept = await context.store.sweep(context.plan.shape, options);
    retired += swept.retired;
    if (swept.isDone) return retired;
  }
}

/** Makes several writes, all or none. */
export async function batch<T extends ModelTypes>(
  context: ModelContext<T>,
  build: (batch: BatchWriter<T>) => void,
  options: WriteOptions = {},
): Promise<readonly (RecordOf<T> | undefined)[]> {
  const steps: (() => Promise<Prepared | undefined>)[] = [];
  build({
    create: (input, ttl = {}) => steps.push(() => preparedCreate(context, input, ttl)),
    update: (record, changes, ttl = {}) =>
      steps.push(() => preparedUpdate(context, record, changes, ttl)),
    replace: (id, input, over = {}) => steps.push(() => preparedReplace(context, id, input, over)),
    upsert: (input, ttl = {}) => steps.push(() => preparedUpsert(context, input, ttl)),
    delete: (target) => steps.push(() => preparedDelete(context, target, options)),
  });
  // One that throws at once rejects like the others, so that no rejection of theirs is left unheard.
  const prepared = await Promise.all(steps.map(async (step) => await step()));
  const writes = prepared.filter((step) => step !== undefined);
  const results = await make(context, writes, options);
  let next = 0;
  return prepared.map((step) => step === undefined ? undefined : results[next++]?.record);
}

/** A token that met a conflict goes on meeting it, so every attempt has its own, which follows from the patch's. */
function attemptOptions<Options extends WriteOptions>(options: Options, tries: number): Options {
  const { token, position } = options;
  const name = token ?? (position && `${position.source}/${position.index}`);
  return name === undefined || tries === 1 ? options : { ...options, token: `${name}#${tries}` };
}

/** Makes one write. What is wrong with it is a rejection, whenever it is found. */
async function one<T extends ModelTypes>(
  context: ModelContext<T>,
  options: WriteOptions,
  prepare: () => Promise<Prepared> | Prepared,
): Promise<RecordOf<T>> {
  const [outcome] = await make(context, [await prepare()], options);
  return written(outcome);
}

/** The record of a result that is at hand already. */
async function told<T extends ModelTypes>(
  context: ModelContext<T>,
  prepared: Prepared,
  result: Parameters<typeof made>[2],
): Promise<RecordOf<T>> {
  const [outcome] = await outcomes(context, [prepared], made(context, [prepared], result));
  return written(outcome);
}

function written<T extends ModelTypes>(outcome: Outcome<T> | undefined): RecordOf<T> {
  if (outcome?.record !== undefined) return outcome.record;
  throw notFound("read what was written");
}

async function removed<T extends ModelTypes>(
  context: ModelContext<T>,
  prepared: Prepared,
  options: WriteOptions,
): Promise<boolean> {
  const result = await attempt(context, [prepared], options);
  // Gone already: the deletion is what its caller wanted, whoever made it.
  if (result.kind === "conflict" && visible(context, result.current) === undefined) return false;
  const [outcome] = await outcomes(context, [prepared], made(context, [prepared], result));
  return outcome?.isChanged ?? false;
}
