/**
 * The documents of a model: local ones, and those of a connection.
 *
 * @module
 */

import type { Connection } from "../documents/client/mod.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { json } from "../ot/mod.ts";
import { type Edited, type EditOptions, ModelDocument } from "./document.ts";
import { notThere, type Tell, withoutId } from "./document.ts";
import { del, type Edit, set, type Value, valueAt } from "./edit.ts";
import type { PathListeners } from "./listeners.ts";
import { mutationsOf } from "./mutation.ts";
import { invalidPath, isLocal, type Segments } from "./path.ts";

/** The documents of a model. */
export class ModelStore {
  readonly #connection: Connection;
  readonly #tell: Tell;
  readonly #locals: Map<string, JsonObject> = new Map();
  readonly #documents: Map<string, Map<string, ModelDocument>> = new Map();

  /** The documents of a connection, and none of them yet. */
  constructor(connection: Connection, listeners: PathListeners) {
    this.#connection = connection;
    this.#tell = (path, mutation, passed) => {
      if (passed !== undefined) listeners.tell({ path, mutation, passed });
    };
  }

  /** The value at a path; a path of a collection alone gives what is loaded of it. */
  get(path: Segments): Value {
    const [collection, id, ...rest] = path;
    if (collection === undefined) {
      throw invalidPath("must name a collection: collections cannot be listed");
    }
    if (isLocal(collection)) return valueAt(this.#locals.get(collection), path.slice(1));
    if (id === undefined) return this.#collection(collection);
    return valueAt(this.known(collection, id)?.value, rest);
  }

  /** A document of the connection, heard from now on. */
  document(collection: string, id: string): ModelDocument {
    const known = this.known(collection, id);
    const doc = this.#connection.get(collection, id);
    if (known?.doc === doc) return known;
    known?.close();
    const document = new ModelDocument(
      doc,
      (path, mutation, passed) => this.#tell([collection, id, ...path], mutation, passed),
    );
    const ofCollection = this.#documents.get(collection) ?? new Map<string, ModelDocument>();
    this.#documents.set(collection, ofCollection.set(id, document));
    document.tellLoaded();
    return document;
  }

  /** Forgets a document of the connection, and tells that it is gone. */
  forget(collection: string, id: string): void {
    const ofCollection = this.#documents.get(collection);
    const document = ofCollection?.get(id);
    if (ofCollection === undefined || document === undefined) return;
    const previous = document.value;
    document.close();
    ofCollection.delete(id);
    if (ofCollection.size === 0) this.#documents.delete(collection);
    if (previous !== undefined) this.#tell([collection, id], { kind: "unload", previous }, {});
  }

  /**
   * Makes a mutation below a document.
   *
   * @throws {ArgumentError} `ERR_INVALID_PATH` for a path that does not name a document.
   * @throws {HoldfastError} `ERR_OP_MISMATCH` for one that does not fit, `ERR_DOC_DOES_NOT_EXIST` within a document that is
   * not there.
   */
  edit<Result>(
    path: Segments,
    make: (data: Value, path: Segments) => Edit<Result>,
    options: EditOptions,
  ): Edited<Result> {
    const [collection, id] = namesOf(path);
    if (isLocal(collection)) return this.#editLocal(collection, path.slice(1), make, options);
    if (this.known(collection, id) === undefined) throw notThere();
    return this.document(collection, id).edit(path.slice(2), make, options);
  }

  /** Creates a document, or replaces it as a whole; gives what it was. */
  put(path: Segments, value: Json, options: EditOptions): Edited<Value> {
    const [collection, id] = namesOf(path);
    if (isLocal(collection)) return this.edit(path, (data, at) => set(data, at, value), options);
    const data = withoutId(value, id);
    // Throws what is no JSON, before anything happens.
    json.create(data);
    return this.document(collection, id).put(data, options);
  }

  /** Deletes a document; gives what it was. */
  drop(path: Segments, options: EditOptions): Edited<Value> {
    const [collection, id] = namesOf(path);
    if (isLocal(collection)) return this.edit(path, del, options);
    if (this.known(collection, id) === undefined) {
      return { result: undefined, done: Promise.resolve() };
    }
    return this.document(collection, id).drop(options);
  }

  /** Ends all listening. */
  close(): void {
    for (const ofCollection of this.#documents.values()) {
      for (const document of ofCollection.values()) document.close();
    }
    this.#documents.clear();
  }

  #editLocal<Result>(
    collection: string,
    path: Segments,
    make: (data: Value, path: Segments) => Edit<Result>,
    { passed }: EditOptions,
  ): Edited<Result> {
    const before = this.#locals.get(collection) ?? {};
    const { op, result } = make(before, path);
    const after = json.apply(before, op);
    if (isJsonObject(after)) this.#locals.set(collection, after);
    if (passed !== undefined) {
      for (const { path, mutation } of mutationsOf(json, before, op)) {
        this.#tell([collection, ...path], mutation, passed);
      }
    }
    return { result, done: Promise.resolve() };
  }

  /** A document that is heard; without wanting it to stay. */
  known(collection: string, id: string): ModelDocument | undefined {
    return this.#documents.get(collection)?.get(id);
  }

  #collection(collection: string): Value {
    const loaded = [...this.#documents.get(collection) ?? []].flatMap(([id, { value }]) =>
      value === undefined ? [] : [[id, value] as const]
    );
    return loaded.length === 0 ? undefined : Object.fromEntries(loaded);
  }
}

function namesOf([collection, id]: Segments): readonly [collection: string, id: string] {
  if (collection !== undefined && id !== undefined) return [collection, id];
  throw invalidPath("must name a document: a whole collection cannot be changed");
}
