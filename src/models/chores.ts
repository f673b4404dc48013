/**
 * Work over all records of a model: writing anew, export and import. Functions beside the face, so that only those who
 * call them ship them.
 *
 * Each goes page by page and holds one page in memory.
 *
 * @module
 */

import { ArgumentError, HoldfastError } from "../errors.ts";
import { isJsonObject, type Json, type JsonObject, parseJson } from "../json.ts";
import { attempt, made } from "./commit.ts";
import { contextOf, type ModelContext, type ModelsBackend } from "./context.ts";
import type { ModelDefinition } from "./definition.ts";
import { after, rangeOf } from "./index_keys.ts";
import { decodeScalar } from "../ordered_text.ts";
import { preparedCreate, preparedUpsert } from "./intents.ts";
import { membersOf } from "./members.ts";
import type { ChoreOptions, ImportOptions, Progress } from "./model_face.ts";
import type { PutWrite, StoredRecord } from "./port.ts";
import { type Prepared, rewrite } from "./prepare.ts";
import { storedFields } from "./record.ts";
import { ALL_ENTRY, HIDDEN_ENTRY, idOfText } from "./record_keys.ts";
import type { CreateOf, ModelTypes } from "./record_types.ts";
import type { CallOptions } from "./write_options.ts";

/** How many records one step takes. */
const STEP = 100;

/**
 * Writes every record of a model again, after its definition got an index, a unique field or a new version. What it
 * cannot write (two records with one value of a new unique field) goes to `onFailure`.
 *
 * @throws {UniqueError} `ERR_UNIQUE` and the like for a record that cannot be written, if there is no `onFailure`.
 */
export async function reindex<T extends ModelTypes>(
  backend: ModelsBackend,
  definition: ModelDefinition<T>,
  options: ChoreOptions = {},
): Promise<void> {
  const context = contextOf("reindex a model", backend, definition);
  const progress = await progressOf(context, options);
  for (const entry of [ALL_ENTRY, HIDDEN_ENTRY]) {
    for await (const page of pages(context, entry, options)) {
      const writes = page.flatMap((stored) => rewritten(context, stored, options));
      await writeAll(context, writes, options);
      progress(page.length);
    }
  }
}

/**
 * Every record of a model as a line of JSON, with its sets, in the order of ids.
 *
 * @example
 * ```ts
 * import { createModel, defineModel, exportLines, importLines } from "@holdfast/holdfast/models";
 * import { memory } from "@holdfast/holdfast/memory";
 * import { strictEqual } from "node:assert/strict";
 * import { z } from "zod";
 *
 * const [here, there] = [memory(), memory()];
 * const User = defineModel({ key: "user", schema: z.object({ name: z.string() }) });
 * await createModel(here, User).create({ name: "Ada" });
 * strictEqual(await importLines(there, User, exportLines(here, User)), 1);
 * ```
 */
export async function* exportLines<T extends ModelTypes>(
  backend: ModelsBackend,
  definition: ModelDefinition<T>,
  options: ChoreOptions = {},
): AsyncGenerator<string, void, void> {
  const context = contextOf("export a model", backend, definition);
  const progress = await progressOf(context, options);
  for (const entry of [ALL_ENTRY, HIDDEN_ENTRY]) {
    for await (const page of pages(context, entry, options)) {
      for (const stored of page) {
        const line = await lineOf(context, stored, options);
        if (line !== undefined) yield line;
      }
      progress(page.length);
    }
  }
}

/**
 * Creates the records of lines that {@linkcode exportLines} gave. Returns how many were written.
 *
 * @throws {ArgumentError} `ERR_MALFORMED` for a line that is none.
 * @throws {HoldfastError} `ERR_EXISTS` for a record that is there, unless `existing` says otherwise.
 */
export async function importLines<T extends ModelTypes>(
  backend: ModelsBackend,
  definition: ModelDefinition<T>,
  lines: Iterable<string> | AsyncIterable<string>,
  options: ImportOptions = {},
): Promise<number> {
  const context = contextOf("import into a model", backend, definition);
  const { signal, onProgress } = options;
  let written = 0;
  let done = 0;
  for await (const line of lines) {
    signal?.throwIfAborted();
    if (line.trim() === "") continue;
    if (await imported(context, line, options)) written++;
    onProgress?.({ done: ++done, total: undefined });
  }
  return written;
}

async function* pages<T extends ModelTypes>(
  { store, plan: { shape }, ...context }: ModelContext<T>,
  entry: string,
  { signal = context.signal }: CallOptions,
): AsyncGenerator<readonly StoredRecord[], void, void> {
  for (let range = rangeOf(entry);;) {
    const options = { limit: STEP, isReverse: false, signal };
    const { records, next } = await store.page(shape, range, options);
    yield records;
    if (next === undefined) return;
    range = { from: after(next), to: range.to };
  }
}

async function progressOf<T extends ModelTypes>(
  { store, plan: { shape }, ...context }: ModelContext<T>,
  { signal = context.signal, onProgress }: ChoreOptions,
): Promise<(count: number) => void> {
  const hidden = await store.count(shape, rangeOf(HIDDEN_ENTRY), { signal });
  const total = hidden + await store.count(shape, undefined, { signal });
  const progress = { done: 0, total } satisfies Progress;
  return (count) => {
    progress.done += count;
    onProgress?.({ ...progress });
  };
}

function rewritten<T extends ModelTypes>(
  context: ModelContext<T>,
  stored: StoredRecord,
  options: ChoreOptions,
): readonly PutWrite[] {
  try {
    return [rewrite(context, stored, stored.isHidden)];
  } catch (error) {
    // Corrupt data, or a value that cannot be indexed.
    report(context, stored.id, error, options);
    return [];
  }
}

/** Writes a page; without those that somebody wrote meanwhile (with this definition), and those that fail. */
async function writeAll<T extends ModelTypes>(
  context: ModelContext<T>,
  writes: readonly PutWrite[],
  options: ChoreOptions,
): Promise<void> {
  for (let left = writes; left.length > 0;) {
    const result = await attempt(
      context,
      left.map((write) => ({ write, given: undefined })),
      { signal: options.signal },
    );
    if (result.kind === "done") return;
    if (result.kind === "taken") {
      const { id = "", body } = left[result.at] ?? {};
      try {
        const fields = storedFields(context.definition, { body, shape: context.plan.version });
        const action = "write a record anew";
        const prepared = left.map((write): Prepared => (
          { write, action, kind: "update", fields, given: undefined }
        ));
        made(context, prepared, result);
      } catch (error) {
        // The refusal, in the words of the face.
        report(context, id, error, options);
      }
    } else if (result.kind !== "conflict") throw new HoldfastError("ERR_INVARIANT", result.kind);
    const { at } = result;
    left = left.filter((_, place) => place !== at);
  }
}

function report<T extends ModelTypes>(
  { plan }: ModelContext<T>,
  id: string,
  error: unknown,
  { onFailure }: ChoreOptions,
): void {
  if (onFailure === undefined || !(error instanceof Error)) throw error;
  onFailure({ id: idOfText(plan, id), error });
}

async function lineOf<T extends ModelTypes>(
  context: ModelContext<T>,
  stored: StoredRecord,
  options: ChoreOptions,
): Promise<string | undefined> {
  try {
    const { definition, plan } = context;
    const fields = storedFields(definition, stored);
    const { expiresAtMs: expiresAt, isHidden } = stored;
    const sets = await setsOf(context, stored.id, options);
    const hidden = isHidden ? true : undefined;
    return JSON.stringify({ id: idOfText(plan, stored.id), fields, sets, expiresAt, hidden });
  } catch (error) {
    // Corrupt data: this record's failure.
    report(context, stored.id, error, options);
    return undefined;
  }
}

async function setsOf<T extends ModelTypes>(
  { store, plan: { sets, shape }, ...context }: ModelContext<T>,
  id: string,
  { signal = context.signal }: CallOptions,
): Promise<JsonObject | undefined> {
  const found: [string, Json][] = [];
  for (const set of sets) {
    const members: Json[] = [];
    for (let from = "";;) {
      const some = await store.members(shape, id, set, { from, limit: 1_000, signal });
      members.push(...some.map(decodeScalar));
      const last = some.at(-1);
      if (last === undefined || some.length < 1_000) break;
      from = after(last);
    }
    if (members.length > 0) found.push([set, members]);
  }
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

async function imported<T extends ModelTypes>(
  context: ModelContext<T>,
  line: string,
  options: ImportOptions,
): Promise<boolean> {
  const { existing = "fail", signal } = options;
  const { input, sets, ttl, isHidden } = parsedLine(context, line);
  const prepare = existing === "replace" ? preparedUpsert : preparedCreate;
  const prepared = await prepare(context, input, ttl === undefined ? {} : { ttl });
  const write = isHidden && prepared.write.kind === "put"
    ? { ...prepared.write, isHidden, claims: [], entries: [HIDDEN_ENTRY] }
    : prepared.write;
  const result = await attempt(context, [{ ...prepared, write }], { signal });
  if (result.kind === "conflict" && existing === "keep") return false;
  made(context, [prepared], result);
  for (const [set, members] of Object.entries(sets)) {
    if (!Array.isArray(members)) throw malformedLine();
    await membersOf<T>(context, input.id, set).replace(members, { signal });
  }
  return true;
}

function parsedLine<T extends ModelTypes>({ clock, plan }: ModelContext<T>, line: string): {
  readonly input: CreateOf<T> & { readonly id: T["id"] };
  readonly sets: JsonObject;
  readonly ttl: number | undefined;
  readonly isHidden: boolean;
} {
  const value = parseJson(line, "a line of an export");
  if (!isJsonObject(value) || !isJsonObject(value.fields) || value.id === undefined) {
    throw malformedLine();
  }
  const { id, fields, sets, expiresAt, hidden } = value;
  // By this machine's clock, as an export may be imported long after and elsewhere.
  const ttl = typeof expiresAt === "number" && plan.shape.expires
    ? Math.max(0, expiresAt - clock.now())
    : undefined;
  return {
    // The schema checks the fields, and the id is checked, when the record is prepared.
    input: { ...fields, id } as unknown as CreateOf<T> & { readonly id: T["id"] },
    sets: isJsonObject(sets) ? sets : {},
    ttl,
    isHidden: hidden === true,
  };
}

function malformedLine(): ArgumentError {
  return new ArgumentError(
    "ERR_MALFORMED",
    "Cannot import a line as it must be a JSON object with id and fields, as an export gives it",
  );
}
