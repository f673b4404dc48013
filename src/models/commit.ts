/**
 * Making writes, and telling what came of them in the words of the face.
 *
 * @module
 */

import { ArgumentError, HoldfastError, LimitError } from "../errors.ts";
import { hash32 } from "../ordered_text.ts";
import { randomTag } from "../random.ts";
import type { ModelContext } from "./context.ts";
import { ConflictError, notFound, UniqueError } from "./model_errors.ts";
import {
  type CommitResult,
  type ModelWrite,
  type SourcePosition,
  type StoredRecord,
  WRITES_MAX,
  type Written,
} from "./port.ts";
import type { Prepared } from "./prepare.ts";
import { recordOf, storedFields, withFields } from "./record.ts";
import { idOfText, ruleOfClaim } from "./record_keys.ts";
import type { AfterWrite, ModelTypes, RecordOf } from "./record_types.ts";
import type { WriteOptions } from "./write_options.ts";

/** The result of a commit that was not refused. */
export type Made = Extract<CommitResult, { readonly kind: "done" | "passed" }>;

const TOKEN = /^[\x21-\x7e]{1,120}$/;
const SOURCE = /^[\x21-\x7e]{1,100}$/;

/** Asks the store, whatever comes of it. */
export function attempt<T extends ModelTypes>(
  context: ModelContext<T>,
  prepared: readonly Pick<Prepared, "write" | "given">[],
  options: WriteOptions,
): Promise<CommitResult> {
  const writes = prepared.map(({ write }) => write);
  const { position, signal = context.signal } = options;
  checkBatch(writes, position === undefined ? 1 : 0);
  if (position !== undefined) checkPosition(position);
  const named = options.token ?? (position && `${position.source}/${position.index}`);
  if (named !== undefined && !TOKEN.test(named)) throw badName("token", 120);
  const digest = named === undefined ? "" : digestOf(prepared.map(({ given }) => given));
  return context.store.commit(context.plan.shape, writes, {
    token: named,
    digest,
    tag: randomTag(context.random),
    position,
    signal,
  });
}

/** Makes prepared writes. Gives their records, in their order; none for deletions. */
export async function make<T extends ModelTypes>(
  context: ModelContext<T>,
  prepared: readonly Prepared[],
  options: WriteOptions,
): Promise<readonly Outcome<T>[]> {
  const result = made(context, prepared, await attempt(context, prepared, options));
  return outcomes(context, prepared, result);
}

/** What became of each write of a commit that was made: at hand, unless it was made before. */
export function outcomes<T extends ModelTypes>(
  context: ModelContext<T>,
  prepared: readonly Prepared[],
  result: Made,
): readonly Outcome<T>[] | Promise<readonly Outcome<T>[]> {
  if (result.kind === "passed") return Promise.all(prepared.map((one) => passed(context, one)));
  const { writes, isRepeat } = result;
  return isRepeat
    ? Promise.all(prepared.map((one, at) => repeated(context, one, writes[at])))
    : prepared.map((one, at) => fresh(context, one, writes[at]));
}

/** What became of one write. */
export interface Outcome<T extends ModelTypes> {
  /** The record; `undefined` after a deletion. */
  readonly record: RecordOf<T> | undefined;
  /** Whether anything was changed. */
  readonly isChanged: boolean;
}

/** The result, unless it is a refusal. */
export function made<T extends ModelTypes>(
  context: ModelContext<T>,
  prepared: readonly Prepared[],
  result: CommitResult,
): Made {
  switch (result.kind) {
    case "done":
    case "passed":
      return result;
    case "conflict":
      throw refusal(context, prepared[result.at], result.current);
    case "taken": {
      const one = prepared[result.at];
      const rule = ruleOfClaim(context.plan, one?.fields ?? {}, result.claim);
      const owner = result.owner && idOfText(context.plan, result.owner.id);
      throw new UniqueError(one?.action ?? "write", rule?.fields ?? [], owner);
    }
    case "full":
      throw new LimitError("ERR_LIMIT", "Cannot add members as the set has as many as it can");
    case "reused":
      throw new HoldfastError("ERR_TOKEN_REUSED", "Cannot write as the token named another write");
    case "unknown":
      throw new HoldfastError(
        "ERR_OUTCOME_UNKNOWN",
        "Cannot write as the source is not remembered: this place of it may have been written",
      );
  }
}

/** The visible record of what is stored; a record that is hidden is none. */
export function visible<T extends ModelTypes>(
  { definition }: ModelContext<T>,
  stored: StoredRecord | undefined,
): RecordOf<T> | undefined {
  return stored === undefined || stored.isHidden ? undefined : recordOf(definition, stored);
}

/** What became of a write that was made now, and its listeners told. */
function fresh<T extends ModelTypes>(
  context: ModelContext<T>,
  { write, kind, fields }: Prepared,
  written: Written | undefined,
): Outcome<T> {
  if (written === undefined || fields === undefined) {
    const isChanged = written !== undefined && written.changed > 0;
    if (isChanged) tell(context, "delete", idOfText(context.plan, written.id), undefined);
    return { record: undefined, isChanged };
  }
  const record = withFields(context.definition, written, fields);
  const isUpdate = kind === "update" || (write.kind === "put" && written.existed);
  tell(context, isUpdate ? "update" : "create", record.id, record);
  return { record, isChanged: true };
}

/** What became of a write that was sent again. */
async function repeated<T extends ModelTypes>(
  context: ModelContext<T>,
  { fields }: Prepared,
  written: Written | undefined,
): Promise<Outcome<T>> {
  if (written === undefined || fields === undefined) {
    return { record: undefined, isChanged: (written?.changed ?? 0) > 0 };
  }
  return { record: await firstRecord(context, fields, written), isChanged: true };
}

/** The record that the first write of a token made: by the journal, by what is stored, or by what was sent again. */
async function firstRecord<T extends ModelTypes>(
  context: ModelContext<T>,
  fields: Parameters<typeof withFields<T>>[2],
  written: Written,
): Promise<RecordOf<T>> {
  const { definition, store, plan } = context;
  const shape = plan.version;
  if (written.body !== undefined) {
    return withFields(definition, written, storedFields(definition, { body: written.body, shape }));
  }
  const [stored] = await store.get(plan.shape, [written.id], { signal: context.signal });
  return stored?.version === written.version
    ? recordOf(definition, stored)
    : withFields(definition, written, fields);
}

/** What is there of a write that was made long ago. */
async function passed<T extends ModelTypes>(
  context: ModelContext<T>,
  { write: { kind, id } }: Prepared,
): Promise<Outcome<T>> {
  if (kind === "delete") return { record: undefined, isChanged: true };
  const { store, plan, signal } = context;
  const [stored] = id === undefined ? [] : await store.get(plan.shape, [id], { signal });
  const record = visible(context, stored);
  if (record !== undefined) return { record, isChanged: true };
  throw new HoldfastError(
    "ERR_OUTCOME_UNKNOWN",
    "Cannot tell what was written as this place of the source was passed and its record is gone",
  );
}

function tell<T extends ModelTypes>(
  { events }: ModelContext<T>,
  kind: AfterWrite<T>["kind"],
  id: T["id"],
  record: RecordOf<T> | undefined,
): void {
  if (events.wants("write")) events.emit("write", { kind, id, record });
}

function refusal<T extends ModelTypes>(
  context: ModelContext<T>,
  prepared: Prepared | undefined,
  stored: StoredRecord | undefined,
): Error {
  const action = prepared?.action ?? "write";
  const write = prepared?.write;
  const expect = write === undefined || write.kind === "members" ? undefined : write.expect;
  if (expect?.kind === "absent") {
    return new HoldfastError("ERR_EXISTS", `Cannot ${action} as there is one with this id`);
  }
  if (expect?.kind !== "version") return notFound(action);
  return new ConflictError(action, visible(context, stored));
}

/** A place of a source may write nothing: then it is only passed. */
function checkBatch(writes: readonly ModelWrite[], countMin: number): void {
  if (writes.length < countMin || writes.length > WRITES_MAX) {
    throw new LimitError(
      "ERR_LIMIT",
      `Cannot write a batch as it must have 1 to ${WRITES_MAX} writes: current number is ${writes.length}`,
    );
  }
  if (writes.length < 2) return;
  const ids = writes.map(({ id }) => id).filter((id) => id !== undefined);
  if (new Set(ids).size < ids.length) {
    throw new ArgumentError(
      "ERR_INVALID_ARGUMENT",
      "Cannot write a batch as every write must be of another record",
    );
  }
}

function checkPosition({ source, index }: SourcePosition): void {
  if (typeof source !== "string" || !SOURCE.test(source)) throw badName("position.source", 100);
  if (Number.isSafeInteger(index) && index >= 1) return;
  throw new ArgumentError(
    "ERR_INVALID_ARGUMENT",
    "Cannot write as position.index must be a whole number of at least 1",
  );
}

function badName(what: string, lengthMax: number): ArgumentError {
  return new ArgumentError(
    "ERR_INVALID_ARGUMENT",
    `Cannot write as ${what} must have 1 to ${lengthMax} visible ASCII characters`,
  );
}

/** Tells writes under one token apart: a mistake, not an attack. Properties count in any order. */
function digestOf(given: unknown): string {
  const text = JSON.stringify(given, (_key, part) => {
    if (typeof part === "bigint" || typeof part === "function") return String(part);
    if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
    return Object.entries(part).sort(([a], [b]) => a < b ? -1 : 1);
  });
  return `${text.length.toString(36)}.${hash32(text).toString(36)}`;
}
