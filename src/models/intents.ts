/**
 * What each call of the face means as a prepared write.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import type { ModelContext } from "./context.ts";
import { notFound } from "./model_errors.ts";
import type { Expectation, StoredRecord } from "./port.ts";
import { givenId, type Prepared, prepareDelete, preparePut, rewrite, ttlOf } from "./prepare.ts";
import { fieldsOf } from "./record.ts";
import { idText } from "./record_keys.ts";
import type { CreateOf, ModelTypes, RecordOf } from "./record_types.ts";
import type { CallOptions, PutOptions, ReplaceOptions, WriteOptions } from "./write_options.ts";

const ABSENT: Expectation = { kind: "absent" };

type Ttl = Pick<PutOptions, "ttl">;

/** A creation. */
export function preparedCreate<T extends ModelTypes>(
  context: ModelContext<T>,
  input: CreateOf<T>,
  { ttl }: Ttl,
): Promise<Prepared> {
  return preparePut(context, {
    kind: "create",
    action: "create a record",
    input: checkedObject("create a record", input),
    id: givenId(context, input),
    expect: ABSENT,
    ttl: ttlOf(context, "create", ttl),
    given: ["create", input],
  });
}

/** A change of fields of a record in hand. */
export function preparedUpdate<T extends ModelTypes>(
  context: ModelContext<T>,
  record: RecordOf<T>,
  changes: object,
  { ttl }: Ttl,
): Promise<Prepared> {
  const action = "update a record";
  const { id, $version: version } = checkedObject(action, record, "the record in hand");
  return preparePut(context, {
    kind: "update",
    action,
    input: { ...fieldsOf(record), ...fieldsOf(checkedObject(action, changes, "the changes")) },
    id: idText(context.plan, id),
    expect: expectedVersion(version),
    ttl: ttlOf(context, "update", ttl),
    given: ["update", id, version, changes],
  });
}

/** A replacement of all fields. */
export async function preparedReplace<T extends ModelTypes>(
  context: ModelContext<T>,
  id: T["id"],
  input: T["input"],
  { ttl, version }: Ttl & Pick<ReplaceOptions, "version">,
): Promise<Prepared> {
  const action = "replace a record";
  return await preparePut(context, {
    kind: "update",
    action,
    input: checkedObject(action, input),
    id: idText(context.plan, id),
    expect: version === undefined ? await presence(context, id, action) : expectedVersion(version),
    ttl: ttlOf(context, "update", ttl),
    given: ["replace", id, version, input],
  });
}

/** A creation or a replacement. */
export function preparedUpsert<T extends ModelTypes>(
  context: ModelContext<T>,
  input: CreateOf<T>,
  { ttl }: Ttl,
): Promise<Prepared> {
  return preparePut(context, {
    kind: "create",
    action: "upsert a record",
    input: checkedObject("upsert a record", input),
    id: idText(context.plan, input.id),
    expect: undefined,
    ttl: ttlOf(context, "create", ttl),
    given: ["upsert", input],
  });
}

/** A deletion; `undefined` if it is soft and there is nothing to hide. */
export async function preparedDelete<T extends ModelTypes>(
  context: ModelContext<T>,
  target: RecordOf<T> | T["id"],
  options: WriteOptions,
): Promise<Prepared | undefined> {
  const { plan } = context;
  const isRecord = typeof target === "object" && target !== null;
  const id = idText(plan, isRecord ? target.id : target);
  const expect = isRecord ? expectedVersion(target.$version) : undefined;
  const deletion = await prepareDelete(context, id, expect);
  if (!plan.softDelete) return deletion;
  const [stored] = await context.store.get(plan.shape, [id], {
    signal: options.signal ?? context.signal,
  });
  if (stored === undefined || stored.isHidden) return undefined;
  return { ...deletion, write: rewrite(context, stored, true, expect) };
}

/** What a store has under an id, hidden or not. */
export async function storedBy<T extends ModelTypes>(
  { store, plan, ...context }: ModelContext<T>,
  id: T["id"],
  { signal = context.signal }: CallOptions,
): Promise<StoredRecord | undefined> {
  const [stored] = await store.get(plan.shape, [idText(plan, id)], { signal });
  return stored;
}

/** What a replacement without a version expects. What is hidden is not there, which only a read can tell. */
async function presence<T extends ModelTypes>(
  context: ModelContext<T>,
  id: T["id"],
  action: string,
): Promise<Expectation> {
  if (!context.plan.softDelete) return { kind: "present" };
  const stored = await storedBy(context, id, {});
  if (stored === undefined || stored.isHidden) throw notFound(action);
  return { kind: "version", version: stored.version };
}

function expectedVersion(version: unknown): Expectation {
  if (typeof version === "string" && version.length <= 128) return { kind: "version", version };
  throw new ArgumentError(
    "ERR_INVALID_ARGUMENT",
    `Cannot write as the record in hand must have its $version: current type is ${typeof version}`,
  );
}

function checkedObject<Value>(action: string, value: Value, what = "it"): Value {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new ArgumentError("ERR_INVALID_ARGUMENT", `Cannot ${action} as ${what} must be an object`);
}
