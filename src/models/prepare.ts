/**
 * From what a user gives to a write that a store takes: hooks, schema, JSON, claims and entries.
 *
 * @module
 */

import { durationMs } from "../duration.ts";
import { ArgumentError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { accepted, type SchemaResult } from "../schema.ts";
import type { ModelContext } from "./context.ts";
import { jsonBody } from "./json_body.ts";
import type { Expectation, ModelWrite, PutWrite, StoredRecord } from "./port.ts";
import { encoded, fieldsOf, storedFields } from "./record.ts";
import {
  claimsOf,
  entriesOf,
  type Fields,
  HIDDEN_ENTRY,
  idOfText,
  idText,
  scopesOf,
} from "./record_keys.ts";
import type { BeforeWrite, ModelTypes } from "./record_types.ts";
import { uuidV7 } from "./uuid.ts";

/** A write, and what the face needs to tell of it afterwards. */
export interface Prepared {
  /** What the store is asked. */
  readonly write: ModelWrite;
  /** What is being done, for messages: "create a record". */
  readonly action: string;
  /** What the user called it. */
  readonly kind: BeforeWrite<ModelTypes>["kind"];
  /** The fields as they are stored; none for a deletion. */
  readonly fields: JsonObject | undefined;
  /** What the user gave, to tell a token that is used again for something else. */
  readonly given: unknown;
}

/** A write of a record, before it is checked. */
export interface Intent {
  /** What is being done. */
  readonly kind: "create" | "update";
  /** For messages: "create a record". */
  readonly action: string;
  /** The fields, with or without an id. */
  readonly input: object;
  /** The id, if it is known. */
  readonly id: string | undefined;
  /** What must be there. */
  readonly expect: Expectation | undefined;
  /** How long it lives. */
  readonly ttl: PutWrite["ttlMs"];
  /** What the user gave. */
  readonly given: unknown;
}

/**
 * Checks a record and makes it a write.
 *
 * @throws {ValueError} `ERR_INVALID_VALUE` if the schema refuses it, or JSON does not carry it.
 */
export async function preparePut<T extends ModelTypes>(
  context: ModelContext<T>,
  intent: Intent,
): Promise<Prepared> {
  const { definition, proof } = context;
  const own = fieldsOf(intent.input);
  const hooked = definition.hooks.before === undefined
    ? own
    : await beforeWrite(context, intent.kind, intent.id, own);
  const result = definition.schema["~standard"].validate(hooked);
  // Most schemas answer at once, and then there is nothing to wait for.
  const value = acceptedObject(intent.action, "then" in result ? await result : result);
  if (!proof.isSelfAccepting) await checkSelfAccepting(context, value);
  return putOf(context, intent, fieldsOf(value));
}

/** The write of fields that are checked. */
function putOf<T extends ModelTypes>(
  context: ModelContext<T>,
  { kind, action, id, expect, ttl, given }: Intent,
  checked: object,
): Prepared {
  const body = jsonBody(action, encoded(context.definition, checked));
  // Read again, so that the record which is returned is a copy, and the one that a later read gives.
  const fields: JsonObject = JSON.parse(body);
  const write: PutWrite = {
    ...held(context, fields),
    kind: "put",
    id: id ?? ownId(context, checked),
    expect,
    body,
    ttlMs: ttl,
  };
  return { write, action, kind, fields, given };
}

/** A stored record as a write that leaves its fields as they are, in their present shape. */
export function rewrite<T extends ModelTypes>(
  context: ModelContext<T>,
  stored: StoredRecord,
  isHidden: boolean,
  expect: Expectation = { kind: "version", version: stored.version },
): PutWrite {
  const fields = storedFields(context.definition, stored);
  const write: PutWrite = {
    kind: "put",
    id: stored.id,
    expect,
    body: JSON.stringify(fields),
    ttlMs: "keep",
    ...held(context, fields),
  };
  return isHidden ? { ...write, claims: [], entries: [HIDDEN_ENTRY], isHidden } : write;
}

/** Calls the hook before a deletion. */
export async function prepareDelete<T extends ModelTypes>(
  context: ModelContext<T>,
  id: string,
  expect: Expectation | undefined,
): Promise<Prepared> {
  await beforeWrite(context, "delete", id, undefined);
  const write: ModelWrite = { kind: "delete", id, expect };
  return {
    write,
    action: "delete a record",
    kind: "delete",
    fields: undefined,
    given: ["delete", id],
  };
}

/** Milliseconds to live: what a write says, else the definition's on creating and what is left on any other. */
export function ttlOf<T extends ModelTypes>(
  { plan }: ModelContext<T>,
  kind: Intent["kind"],
  ttl: Parameters<typeof durationMs>[0] | undefined,
): PutWrite["ttlMs"] {
  if (ttl === undefined) {
    return kind === "create" ? plan.ttlMs : plan.shape.expires ? "keep" : undefined;
  }
  if (!plan.shape.expires) {
    throw new ArgumentError(
      "ERR_INVALID_OPTION",
      "Cannot use ttl as the model's definition must have one: Infinity lets single writes say so",
    );
  }
  const ms = durationMs(ttl, "ttl");
  return ms === Infinity ? undefined : ms;
}

/** The id that a user gave with a record, if any. */
export function givenId<T extends ModelTypes>(
  { plan }: ModelContext<T>,
  input: object,
): string | undefined {
  const id: unknown = Reflect.get(input, "id");
  return id === undefined ? undefined : idText(plan, id);
}

function held<T extends ModelTypes>(
  { plan }: ModelContext<T>,
  fields: Fields,
): Pick<PutWrite, "shape" | "claims" | "entries" | "scopes" | "isHidden"> {
  return {
    shape: plan.version,
    claims: claimsOf(plan, fields),
    entries: entriesOf(plan, fields),
    scopes: scopesOf(plan, fields),
    isHidden: false,
  };
}

function ownId<T extends ModelTypes>(
  { plan, definition, clock, random }: ModelContext<T>,
  fields: object,
): string | undefined {
  if (plan.ids === "increment") return undefined;
  if (plan.ids === "uuid") return uuidV7(clock.now(), random);
  return idText(plan, definition.makeId?.(fields));
}

async function beforeWrite<T extends ModelTypes>(
  { definition, plan }: ModelContext<T>,
  kind: BeforeWrite<T>["kind"],
  id: string | undefined,
  fields: object | undefined,
): Promise<object> {
  const { before } = definition.hooks;
  if (before === undefined) return fields ?? {};
  const shown = id === undefined ? undefined : idOfText(plan, id);
  return await before.call(definition.hooks, { kind, id: shown, fields }) ?? fields ?? {};
}

function acceptedObject(action: string, result: SchemaResult<unknown>): object {
  const value = accepted(action, result);
  if (typeof value === "object" && value !== null) return value;
  throw unfit("give an object");
}

/** Once per handle: a schema that refuses what it gives would fail the first update of every record. */
async function checkSelfAccepting<T extends ModelTypes>(
  { definition, proof }: ModelContext<T>,
  value: object,
): Promise<void> {
  const again = await definition.schema["~standard"].validate(value);
  if (again.issues !== undefined) {
    throw unfit("accept what it gives, as updates check whole records");
  }
  proof.isSelfAccepting = true;
}

function unfit(rule: string): ArgumentError {
  return new ArgumentError(
    "ERR_INVALID_OPTION",
    `Cannot use the model's schema as it must ${rule}`,
  );
}
