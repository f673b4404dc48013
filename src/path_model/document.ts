/**
 * A document of the connection as a model shows, changes and hears it.
 *
 * An object document is shown with its id, which is not stored in it. Operations of the JSON type are told as mutations;
 * of other types, that the document is another one.
 *
 * @module
 */

import type { Doc } from "../documents/client/mod.ts";
import { ArgumentError, HoldfastError } from "../errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { json, type JsonOp } from "../ot/mod.ts";
import type { Edit, Value } from "./edit.ts";
import type { ModelEvent } from "./listeners.ts";
import { type Mutation, mutationsOf } from "./mutation.ts";
import type { Segments } from "./path.ts";

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

/** Tells a mutation of a document, unless nobody is to hear of it. */
export type Tell = (path: Segments, mutation: Mutation, passed: EditOptions["passed"]) => void;

/** What listeners are handed with what others did. */
const REMOTE = { $remote: true };

/** A document of the connection, heard until it is closed. */
export class ModelDocument {
  /** The document. */
  readonly doc: Doc;
  readonly #tell: Tell;
  readonly #ends: readonly (() => void)[];
  /** What is shown in place of its data, with its id; the same object as long as the data is. */
  readonly #shown: WeakMap<object, JsonObject> = new WeakMap();

  /** Hears the document from now on. */
  constructor(doc: Doc, tell: Tell) {
    this.doc = doc;
    this.#tell = tell;
    this.#ends = this.#hear();
  }

  /** Tells that it is here, if it is. */
  tellLoaded(): void {
    const { value } = this;
    if (value !== undefined) this.#tell([], { kind: "load", value }, REMOTE);
  }

  /** What is shown of it. */
  get value(): Value {
    // What a document of another type holds is shown as it is.
    return this.#show(this.doc.data as Value);
  }

  /** Edits what is inside of it. */
  edit<Result>(
    path: Segments,
    make: (data: Value, path: Segments) => Edit<Result>,
    options: EditOptions,
  ): Edited<Result> {
    const before = jsonIn(this.doc);
    const { op, result } = make(before, path);
    const isOfId = path[0] === "id" || op.some(({ p }) => p[0] === "id");
    if (isOfId && isJsonObject(before)) throw otherId();
    if (op.length === 0) return { result, done: Promise.resolve() };
    return { result, done: this.#submit(before, op, options) };
  }

  /** Creates it, or replaces it as a whole; gives what it was. */
  put(data: Json, { compose, passed }: EditOptions): Edited<Value> {
    const previous = this.value;
    if (this.doc.type !== undefined) {
      const before = jsonIn(this.doc);
      const done = this.#submit(before, [{ p: [], od: before, oi: data }], { compose, passed });
      return { result: previous, done };
    }
    const done = this.doc.create(data, { origin: this, compose });
    if (this.doc.type !== undefined) this.#changed(previous, passed);
    return { result: previous, done };
  }

  /** Deletes it; gives what it was. */
  drop({ compose, passed }: EditOptions): Edited<Value> {
    const previous = this.value;
    if (this.doc.type === undefined) return { result: undefined, done: Promise.resolve() };
    const done = this.doc.del({ origin: this, compose });
    if (this.doc.type === undefined) this.#changed(previous, passed);
    return { result: previous, done };
  }

  /** Hears no more of it. */
  close(): void {
    for (const end of this.#ends) end();
  }

  #submit(before: Json, op: JsonOp, { compose, passed }: EditOptions): Promise<void> {
    // Throws what does not fit, before anything happens.
    json.apply(before, op);
    const done = this.doc.submit(op, { origin: this, compose });
    // A closed connection takes nothing.
    if (this.doc.data !== before) this.#mutated(before, op, passed);
    return done;
  }

  #hear(): readonly (() => void)[] {
    const { doc } = this;
    const isOwn = ({ origin }: { readonly origin: unknown }): boolean => origin === this;
    return [
      doc.on("op", (event) => {
        if (isOwn(event)) return;
        const before = event.before as Value;
        // Operations of this type are JSON operations.
        const op = event.op as unknown as JsonOp;
        if (doc.type?.uri === json.uri && before !== undefined) this.#mutated(before, op, REMOTE);
        else this.#changed(this.#show(before), REMOTE);
      }),
      doc.on("create", (event) => {
        if (!isOwn(event)) this.#changed(undefined, REMOTE);
      }),
      doc.on("del", (event) => {
        if (!isOwn(event)) this.#changed(this.#show(event.before as Value), REMOTE);
      }),
      doc.on("load", ({ before }) => {
        if (before === undefined) this.tellLoaded();
        else this.#changed(this.#show(before as Value), REMOTE);
      }),
    ];
  }

  #changed(previous: Value, passed: EditOptions["passed"]): void {
    this.#tell([], { kind: "change", value: this.value, previous }, passed);
  }

  #mutated(before: Json, op: JsonOp, passed: EditOptions["passed"]): void {
    if (passed === undefined) return;
    for (const { path, mutation } of mutationsOf(json, before, op)) {
      this.#tell(path, path.length === 0 ? this.#shownIn(mutation) : mutation, passed);
    }
  }

  /** Where a document changed as a whole, listeners see it with its id. */
  #shownIn(mutation: Mutation): Mutation {
    if (mutation.kind !== "change") return mutation;
    const { value, previous } = mutation;
    return { ...mutation, value: this.#show(value), previous: this.#show(previous) };
  }

  #show(data: Value): Value {
    if (!isJsonObject(data)) return data;
    const shown = this.#shown.get(data) ?? { ...data, id: this.doc.id };
    this.#shown.set(data, shown);
    return shown;
  }
}

/**
 * An object document as it is stored: without its id.
 *
 * @throws {ArgumentError} `ERR_INVALID_ID` if it has another one.
 */
export function withoutId(value: Json, id: string): Json {
  if (!isJsonObject(value) || !Object.hasOwn(value, "id")) return value;
  const { id: given, ...data } = value;
  if (given === id) return data;
  throw otherId();
}

/** The error for what is not there to be changed. */
export function notThere(): HoldfastError {
  return new HoldfastError(
    "ERR_DOC_DOES_NOT_EXIST",
    "Cannot change what a path leads to as the document must exist",
  );
}

/** The data of a document that can be edited by path. */
function jsonIn({ type, data }: Doc): Json {
  if (type === undefined) throw notThere();
  if (type.uri === json.uri) return data as Json;
  throw new HoldfastError(
    "ERR_OP_MISMATCH",
    "Cannot change what a path leads to as the document must be of the type json",
  );
}

function otherId(): ArgumentError {
  return new ArgumentError(
    "ERR_INVALID_ID",
    "Cannot change a document's id as it must be that of its path",
  );
}
