/**
 * The documents of a model: local ones, and those of a connection, changed and heard by the same code.
 *
 * @module
 */

import { ArgumentError, HoldfastError } from "../errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { json } from "../ot/mod.ts";
import type { Connection, Doc } from "../documents/client/mod.ts";
import { type Edit, steps, type Value, valueAt } from "./edit.ts";
import type { ModelEvent, PathListeners } from "./listeners.ts";
import { type Mutation, mutationsOf } from "./mutation.ts";
import { invalidPath, isLocal, type Segments } from "./path.ts";

/** How a mutation is made. */
export interface EditOptions {
  /** What listeners are handed; `undefined` for no events at all. */
  readonly passed: ModelEvent["passed"] | undefined;
  /** Whether it may be sent as one with what waits beside it. */
  readonly compose: boolean;
}

/** What a mutation gave back, and when it is committed. */
export interface Edited<Result> {
  /** What the mutator gives back. */
  readonly result: Result;
  /** Resolves when it is committed. */
  readonly done: Promise<void>;
}

const NOTHING_PASSED = {};

/** The documents of a model. */
export class ModelStore {
  readonly #connection: Connection;
  readonly #listeners: PathListeners;
  readonly #locals: Map<string, JsonObject> = new Map();
  readonly #docs: Map<string, Map<string, { readonly doc: Doc; readonly end: () => void }>> =
    new Map();
  /** Tells this model's own edits from those that others make by the same connection. */
  readonly #origin: unknown = {};
  /** What is shown in place of an object document, with its id; the same object as long as the document is. */
  readonly #shown: WeakMap<object, JsonObject> = new WeakMap();

  /** The documents of a connection, and none of them yet. */
  constructor(connection: Connection, listeners: PathListeners) {
    this.#connection = connection;
    this.#listeners = listeners;
  }

  /** The value at a path; a path of a collection alone gives what is loaded of it. */
  get(path: Segments): Value {
    const [collection = "", id, ...rest] = path;
    if (id === undefined) return this.#collection(collection);
    if (isLocal(collection)) return valueAt(this.#locals.get(collection), [id, ...rest]);
    return valueAt(this.#view(collection, id), rest);
  }

  /** The document of the connection, heard from now on. */
  doc(collection: string, id: string): Doc {
    const ofCollection = this.#docs.get(collection) ?? new Map();
    this.#docs.set(collection, ofCollection);
    const doc = this.#connection.get(collection, id);
    const known = ofCollection.get(id);
    if (known?.doc === doc) return doc;
    known?.end();
    ofCollection.set(id, { doc, end: this.#hear(doc) });
    return doc;
  }

  /** Forgets a document of the connection, and tells that it is gone. */
  forget(collection: string, id: string): void {
    const previous = this.#view(collection, id);
    const ofCollection = this.#docs.get(collection);
    ofCollection?.get(id)?.end();
    ofCollection?.delete(id);
    if (ofCollection?.size === 0) this.#docs.delete(collection);
    if (previous !== undefined) this.#hears([collection, id], { kind: "unload", previous });
  }

  /**
   * Makes a mutation below a document, or of one as a whole.
   *
   * @throws {ArgumentError} `ERR_INVALID_PATH` for a path that does not name a document.
   * @throws {HoldfastError} `ERR_OP_MISMATCH` for one that does not fit, `ERR_DOC_DOES_NOT_EXIST` within a document that is
   * not there.
   */
  edit<Result>(
    path: Segments,
    edit: (data: Value, path: Segments) => Edit<Result>,
    options: EditOptions,
  ): Edited<Result> {
    const [collection, id, ...rest] = path;
    if (collection === undefined || id === undefined) {
      throw invalidPath("must name a document: a whole collection cannot be changed");
    }
    if (isLocal(collection)) return this.#editLocal(collection, [id, ...rest], edit, options);
    return this.#editRemote(this.doc(collection, id), rest, edit, options);
  }

  /** Creates a document, or replaces it as a whole. */
  put(path: Segments, value: Json, options: EditOptions): Edited<Value> {
    const [collection = "", id = ""] = path;
    if (path.length !== 2) throw invalidPath("must name a document");
    if (isLocal(collection)) {
      return this.edit(path, (data, at) => replaced(data, at, value), options);
    }
    const doc = this.doc(collection, id);
    const data = withoutId(value, id);
    const previous = this.#view(collection, id);
    const { compose, passed } = options;
    const done = doc.type === undefined
      ? doc.create(data, { origin: this.#origin, compose })
      : doc.submit([{ p: [], od: jsonIn(doc), oi: data }], { origin: this.#origin, compose });
    this.#tell(path, { kind: "change", value: this.#view(collection, id), previous }, passed);
    return { result: previous, done };
  }

  /** Deletes a document; gives what it was. */
  drop(path: Segments, options: EditOptions): Edited<Value> {
    const [collection = "", id = ""] = path;
    if (isLocal(collection)) {
      return this.edit(path, (data, at) => dropped(data, at), options);
    }
    const previous = this.#view(collection, id);
    if (previous === undefined) return { result: undefined, done: Promise.resolve() };
    const { compose, passed } = options;
    const done = this.doc(collection, id).del({ origin: this.#origin, compose });
    this.#tell(path, { kind: "change", value: undefined, previous }, passed);
    return { result: previous, done };
  }

  /** Ends all listening. */
  close(): void {
    for (const ofCollection of this.#docs.values()) {
      for (const { end } of ofCollection.values()) end();
    }
    this.#docs.clear();
  }

  #editLocal<Result>(
    collection: string,
    path: Segments,
    edit: (data: Value, path: Segments) => Edit<Result>,
    { passed }: EditOptions,
  ): Edited<Result> {
    const before: JsonObject = this.#locals.get(collection) ?? {};
    const { op, result } = edit(before, path);
    const mutations = mutationsOf(json, before, op);
    const after = json.apply(before, op);
    if (isJsonObject(after)) this.#locals.set(collection, after);
    for (const { path, mutation } of mutations) this.#tell([collection, ...path], mutation, passed);
    return { result, done: Promise.resolve() };
  }

  #editRemote<Result>(
    doc: Doc,
    path: Segments,
    edit: (data: Value, path: Segments) => Edit<Result>,
    { passed, compose }: EditOptions,
  ): Edited<Result> {
    const before = jsonIn(doc);
    if (path[0] === "id" && isJsonObject(before)) {
      throw new HoldfastError("ERR_OP_MISMATCH", "Cannot change the id of a document");
    }
    const { op, result } = edit(before, path);
    if (op.length === 0) return { result, done: Promise.resolve() };
    const done = doc.submit(op, { origin: this.#origin, compose });
    const { collection, id } = doc;
    for (const { path, mutation } of mutationsOf(json, before, op)) {
      this.#tell([collection, id, ...path], this.#shownIn(mutation, path, id), passed);
    }
    return { result, done };
  }

  #hear(doc: Doc): () => void {
    const { collection, id } = doc;
    const at = [collection, id];
    const isOwn = ({ origin }: { readonly origin: unknown }): boolean => origin === this.#origin;
    const ends = [
      doc.on("op", (event) => {
        if (isOwn(event) || doc.type?.uri !== json.uri) return;
        // Documents of this type are JSON, and its operations are JSON operations.
        for (
          const { path, mutation } of mutationsOf(json, event.before as Json, event.op as never)
        ) {
          this.#hears([...at, ...path], this.#shownIn(mutation, path, id));
        }
      }),
      doc.on("create", (event) => {
        if (isOwn(event)) return;
        this.#hears(at, { kind: "change", value: this.#view(collection, id), previous: undefined });
      }),
      doc.on("del", (event) => {
        if (isOwn(event)) return;
        const previous = this.#show(event.before as Value, id);
        this.#hears(at, { kind: "change", value: undefined, previous });
      }),
      doc.on("load", ({ before }) => {
        const value = this.#view(collection, id);
        if (before === undefined && value !== undefined) this.#hears(at, { kind: "load", value });
        else if (before !== undefined) {
          this.#hears(at, { kind: "change", value, previous: this.#show(before as Value, id) });
        }
      }),
    ];
    return () => {
      for (const end of ends) end();
    };
  }

  #tell(path: Segments, mutation: Mutation, passed: ModelEvent["passed"] | undefined): void {
    if (passed !== undefined) this.#listeners.tell({ path, mutation, passed });
  }

  /** Tells what others did. */
  #hears(path: Segments, mutation: Mutation): void {
    this.#tell(path, mutation, NOTHING_PASSED);
  }

  /** Where a document changed as a whole, listeners see it with its id. */
  #shownIn(mutation: Mutation, path: Segments, id: string): Mutation {
    if (path.length > 0 || mutation.kind !== "change") return mutation;
    const { value, previous } = mutation;
    return { ...mutation, value: this.#show(value, id), previous: this.#show(previous, id) };
  }

  #view(collection: string, id: string): Value {
    const data = this.#docs.get(collection)?.get(id)?.doc.data;
    // What a document of another type holds is shown as it is.
    return this.#show(data as Value, id);
  }

  #show(data: Value, id: string): Value {
    if (!isJsonObject(data)) return data;
    const shown = this.#shown.get(data) ?? { ...data, id };
    this.#shown.set(data, shown);
    return shown;
  }

  #collection(collection: string): Value {
    if (collection === "") {
      throw invalidPath("must name a collection: collections cannot be listed");
    }
    if (isLocal(collection)) return this.#locals.get(collection);
    const ids = [...this.#docs.get(collection)?.keys() ?? []];
    const loaded = ids.map((id) => [id, this.#view(collection, id)] as const)
      .filter(([, value]) => value !== undefined);
    return loaded.length === 0 ? undefined : Object.fromEntries(loaded) as JsonObject;
  }
}

/** The data of a document that can be edited by path. */
function jsonIn(doc: Doc): Json {
  if (doc.type === undefined) {
    throw new HoldfastError(
      "ERR_DOC_DOES_NOT_EXIST",
      "Cannot change what a path leads to as the document must exist",
    );
  }
  if (doc.type.uri !== json.uri) {
    throw new HoldfastError(
      "ERR_OP_MISMATCH",
      "Cannot change what a path leads to as the document must be of the type json",
    );
  }
  return doc.data as Json;
}

/** A document is stored without its id. */
function withoutId(value: Json, id: string): Json {
  if (!isJsonObject(value) || !Object.hasOwn(value, "id")) return value;
  const { id: given, ...data } = value;
  if (given === id) return data;
  throw new ArgumentError(
    "ERR_INVALID_ID",
    "Cannot set a document as its id must be that of its path",
  );
}

function replaced(data: Value, path: Segments, value: Json): Edit<Value> {
  const previous = valueAt(data, path);
  const p = steps(data, path);
  return {
    op: [previous === undefined ? { p, oi: value } : { p, od: previous, oi: value }],
    result: previous,
  };
}

function dropped(data: Value, path: Segments): Edit<Value> {
  const previous = valueAt(data, path);
  if (previous === undefined) return { op: [], result: undefined };
  return { op: [{ p: steps(data, path), od: previous }], result: previous };
}
