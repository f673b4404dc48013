/**
 * Carrying out the seed's three verbs on a model.
 *
 * Where rows are filtered, a write must know what it replaces: it is made in two steps, the second of which holds only if
 * nothing happened in between; so nobody changes by a race what they do not see.
 *
 * @module
 */

import { ArgumentError, HoldfastError } from "../errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { ConflictError, type Model, type ModelTypes, positionOf } from "../models/mod.ts";
import { type Answer, failed, failureOf } from "./answers.ts";
import { type Caller, checkAllowed, forbidden, isSeen, sightOf, writeOptions } from "./caller.ts";
import { type ClientMessage, READ_MAX, seqOfVersion } from "./messages.ts";
import type { Sight } from "./model_event.ts";
import type { SyncSettings } from "./options.ts";
import { parseRead, type ReadRequest } from "./wire.ts";

/** What a request is carried out with. */
export interface RequestContext {
  /** What the owner said. */
  readonly settings: SyncSettings;
  /** Who asks. */
  readonly caller: Caller;
  /** Ends the waiting with the connection. */
  readonly signal: AbortSignal;
}

/** A request, in its parts. */
interface Work {
  readonly model: Model<ModelTypes>;
  readonly sight: Sight | undefined;
  readonly message: ClientMessage;
  readonly context: RequestContext;
}

type RecordLike = { readonly id: string | number; readonly $version: string };

/** Carries out a request of a model that is served. Never throws: what went wrong is the answer. */
export async function carriedOut(
  context: RequestContext,
  name: string,
  verb: string,
  message: ClientMessage,
): Promise<Answer> {
  const { settings, caller } = context;
  const model = settings.models.get(name);
  try {
    if (model === undefined) throw new HoldfastError("ERR_NOT_FOUND", "Cannot find the model");
    const sight = sightOf(settings, caller, name);
    const work: Work = { model, sight, message, context };
    if (verb === "read") {
      await checkAllowed(settings, caller, { model: name, verb });
      return await read(work);
    }
    const data = objectOf(message.data);
    const id = idOf(data);
    const isDelete = verb === "delete";
    await checkAllowed(settings, caller, {
      model: name,
      verb: isDelete ? "delete" : "upsert",
      id,
      data,
    });
    return isDelete ? await deleted(work, id) : await upserted(work, data, id);
  } catch (error) {
    const told = failureOf(error);
    if (told.code === "ERR_FAILED" || told.code === "ERR_UNAVAILABLE") settings.onError?.(error);
    return failed(hidden(told, error, model, sightOf(settings, caller, name)));
  }
}

async function read({ model, sight, message, context: { signal } }: Work): Promise<Answer> {
  const request = parseRead(message.data);
  if (request === undefined) {
    throw new ArgumentError("ERR_INVALID_ARGUMENT", "Cannot read as data must be a query");
  }
  if (request.id !== undefined) {
    const record = await model.get(request.id, { signal });
    if (record === undefined || !isSeen(model, record, sight)) {
      throw new HoldfastError(
        "ERR_NOT_FOUND",
        "Cannot read a record as there is none with this id",
      );
    }
    return written(record);
  }
  // Before the records, so that none that is written in between is missed.
  const cursor = await model.cursor({ signal });
  const place = { cursor, seq: positionOf(cursor).index };
  if (request.ids !== undefined) {
    const found = await model.getMany(request.ids, { signal });
    const records = found.map((one) => one && isSeen(model, one, sight) ? one : null);
    return { body: { data: json(records), ...place } };
  }
  // Whether these fields have an index is for the model to say.
  const where = request.where as Readonly<Record<string, never>> | undefined;
  const page = await model.find(where ?? {}, { ...pageOptions(request), signal });
  const records = page.records.filter((record) => isSeen(model, record, sight));
  return {
    body: {
      data: json(records),
      ...place,
      ...page.cursor !== undefined && { next: page.cursor },
    },
  };
}

function pageOptions({ limit = READ_MAX, after, reverse = false }: ReadRequest): {
  readonly limit: number;
  readonly cursor: string | undefined;
  readonly reverse: boolean;
} {
  return { limit, cursor: after, reverse };
}

async function upserted(
  work: Work,
  data: JsonObject,
  id: string | number | undefined,
): Promise<Answer> {
  const { model, sight, message: { v, patch, tx }, context: { caller, signal } } = work;
  const options = writeOptions(caller, tx, signal);
  const isPatch = patch === true;
  if (!isPatch) checkSeen(model, sight, data);
  if (id === undefined) return written(await model.create(data, options));
  if (typeof v === "string") return written(await replacedAt(work, id, v, data));
  if (isPatch) return written(await changed(work, id, () => withoutId(data)));
  if (sight === undefined && v === undefined) {
    return written(await model.upsert({ ...data, id }, options));
  }
  try {
    return written(await model.create(data, options));
  } catch (error) {
    // There is one already, so it is replaced; unless there must be none.
    if (v === null || !HoldfastError.is(error, "ERR_EXISTS")) throw error;
  }
  return written(await changed(work, id, (current) => replacement(current, data), "/u"));
}

/** Writes a record that has this version: whether it has is the store's to say, which knows a write that was sent again. */
async function replacedAt(
  { model, sight, message: { patch, tx }, context: { caller, signal } }: Work,
  id: string | number,
  version: string,
  data: JsonObject,
): Promise<RecordLike> {
  const options = writeOptions(caller, tx, signal);
  if (sight === undefined && patch !== true) {
    return await model.replace(id, withoutId(data), { ...options, version });
  }
  const current = await model.get(id, { signal });
  if (current === undefined) throw new ConflictError("upsert a record", undefined);
  checkSeen(model, sight, current);
  if (patch !== true) return await model.replace(id, withoutId(data), { ...options, version });
  checkSeen(model, sight, { ...current, ...data });
  return await model.update({ ...current, $version: version }, withoutId(data), options);
}

/** Changes what is there, whatever its version, if it is in sight and stays so. */
async function changed(
  { model, sight, message: { tx }, context: { caller, signal } }: Work,
  id: string | number,
  change: (current: object) => object,
  suffix?: string,
): Promise<RecordLike> {
  return await model.patch(id, (current) => {
    checkSeen(model, sight, current);
    const fields = change(current);
    checkSeen(model, sight, { ...current, ...fields });
    return fields;
  }, writeOptions(caller, tx, signal, suffix));
}

function checkSeen(model: Model<ModelTypes>, sight: Sight | undefined, record: object): void {
  if (!isSeen(model, record, sight)) throw forbidden("upsert");
}

async function deleted(work: Work, id: string | number | undefined): Promise<Answer> {
  const { model, sight, message: { v, tx }, context: { caller, signal } } = work;
  if (id === undefined) {
    throw new ArgumentError("ERR_INVALID_ARGUMENT", "Cannot delete as data must have an id");
  }
  const options = writeOptions(caller, tx, signal);
  if (sight === undefined) {
    const target = typeof v === "string" ? inHand(id, v) : id;
    await model.delete(target, options);
    return { body: { data: {} } };
  }
  const record = await model.get(id, { signal });
  // What one does not see is not there.
  if (record === undefined || !isSeen(model, record, sight)) return { body: { data: {} } };
  await model.delete(inHand(id, typeof v === "string" ? v : record.$version), options);
  return { body: { data: {} } };
}

/** The answer of a record that was read or written. */
function written(record: RecordLike): Answer {
  const { $version: v } = record;
  return { body: { data: json(record), seq: seqOfVersion(v), v }, version: v };
}

/** What a conflict tells of a record that is not in sight: nothing. */
function hidden(
  told: ReturnType<typeof failureOf>,
  error: unknown,
  model: Model<ModelTypes> | undefined,
  sight: Sight | undefined,
): ReturnType<typeof failureOf> {
  if (sight === undefined || model === undefined) return told;
  const current: unknown = Reflect.get(Object(error), "current");
  const isVisible = typeof current === "object" && current !== null &&
    isSeen(model, current, sight);
  const { code, error: sentence, details } = told;
  if (code === "ERR_CONFLICT" && !isVisible) return { code, error: sentence };
  if (code !== "ERR_UNIQUE" || details === undefined) return told;
  // Whose value it is would tell of a record that may be out of sight.
  const { owner: _owner, ...rest } = details;
  return { code, error: sentence, details: rest };
}

/** Every field that goes, and those that come. */
function replacement(current: object, data: JsonObject): object {
  const gone = Object.keys(current).filter((name) => name !== "id" && !name.startsWith("$"));
  return { ...Object.fromEntries(gone.map((name) => [name, undefined])), ...withoutId(data) };
}

function withoutId(data: JsonObject): object {
  const { id: _id, ...rest } = data;
  return rest;
}

function inHand(id: string | number, version: string): RecordLike {
  return { id, $version: version };
}

function objectOf(data: Json | undefined): JsonObject {
  if (isJsonObject(data)) return data;
  throw new ArgumentError("ERR_INVALID_ARGUMENT", "Cannot write as data must be an object");
}

function idOf({ id }: JsonObject): string | number | undefined {
  if (typeof id === "string" || typeof id === "number") return id;
  if (id === undefined || id === null) return undefined;
  throw new ArgumentError("ERR_INVALID_ID", "Cannot write as an id must be text or a number");
}

/** Records are JSON already: their fields were read from it, and a codec's own values serialize themselves. */
function json(value: unknown): Json {
  return value as Json;
}
